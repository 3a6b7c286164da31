import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { collected, counter, gauge, histogram, upDownCounter } from '../metrics.ts';

/** What a shop with every kind of metric collects. */
export function shop(): ResourceMetrics {
  const duration = histogram(
    'http.server.request.duration',
    [0.005, 1, 1e21],
    [
      [{ 'http.route': '/a' }, [1, 2, 0, 4]],
      [{ environment: 'production' }, [0, 1, 0, 0]],
    ],
    { unit: 's', description: 'Duration of HTTP server requests.', sum: 12.25 },
  );
  const active = upDownCounter('http.server.active_requests', [[{ 'http.request.method': 'GET' }, 2]], {
    unit: '{request}',
    description: 'Requests in flight\nright now, \\o/',
  });
  const share = gauge('cpu.share', [[{}, 0.25]], { unit: '1', description: '' });
  const [orders, further] = [
    counter('orders', [[{}, 1]]),
    counter('orders', [[{ shop: 'say "hi"' }, 1e300]]),
  ];
  const degrees = { attic: Number.POSITIVE_INFINITY, cellar: Number.NEGATIVE_INFINITY, kitchen: Number.NaN };
  const rooms = Object.entries(degrees).map(([room, value]) => [{ room }, value] as const);
  const temperature = gauge('temperature', rooms, { unit: 'Cel' });
  return collected(
    [
      [{ name: 'shop', version: '1.0.0' }, [duration, active, share, orders]],
      [{ name: 'warehouse' }, [further, temperature]],
    ],
    { 'service.name': 'shop', 'host.cpus': 4 },
  );
}
