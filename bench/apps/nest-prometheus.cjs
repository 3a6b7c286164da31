/** What people write by hand with @willsoto/nestjs-prometheus: an interceptor that observes a histogram it injects. */
const { APP_INTERCEPTOR } = require('@nestjs/core');
const { InjectMetric, makeHistogramProvider, PrometheusModule } = require('@willsoto/nestjs-prometheus');
const { register } = require('prom-client');
const { finalize } = require('rxjs');
const promClientRoutes = require('./prom-client-routes.cjs');
const { BOUNDARIES } = require('./series.cjs');

const NAME = 'http_request_duration_seconds';

class Measured {
  constructor(histogram) {
    this.histogram = histogram;
  }
  intercept(context, next) {
    const end = this.histogram.startTimer();
    return next.handle().pipe(
      finalize(() => {
        const http = context.switchToHttp();
        const { method, route, routeOptions } = http.getRequest();
        end({ method, route: route?.path ?? routeOptions?.url, status: http.getResponse().statusCode });
      }),
    );
  }
}
InjectMetric(NAME)(Measured, undefined, 0);

exports.imports = [PrometheusModule.register()];
exports.providers = [
  makeHistogramProvider({
    name: NAME,
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: BOUNDARIES,
  }),
  { provide: APP_INTERCEPTOR, useClass: Measured },
];
exports.routes = () => promClientRoutes(register, 'route');
