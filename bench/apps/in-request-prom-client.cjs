/** What people write by hand with prom-client: the route is passed along to each call. */
const client = require('prom-client');
const createByHand = require('./prom-client-by-hand.cjs');
const { BOUNDARIES } = require('./series.cjs');

const byHand = createByHand('prom-client');

const labelNames = ['route'];
const prometheusName = (name) => name.replaceAll('.', '_');
const counter = (name) =>
  new client.Counter({ name: `${prometheusName(name)}_total`, help: name, labelNames });
const histogram = (name) =>
  new client.Histogram({ name: prometheusName(name), help: name, labelNames, buckets: BOUNDARIES });

const counters = Object.fromEntries(
  ['user.signup', 'cache.hit', 'cache.miss', 'db.calls', 'page.views', 'mail.sent'].map((name) => [
    name,
    counter(name),
  ]),
);
const histograms = Object.fromEntries(
  ['db.query', 'db.rows', 'render', 'page.size'].map((name) => [name, histogram(name)]),
);

exports.begin = (request, response, route, handle) => {
  byHand.observe(request, response, () => route);
  return handle(response, route);
};

exports.count = (name, value, route) => counters[name].inc({ route }, value);

exports.observe = (name, value, _unit, route) => histograms[name].observe({ route }, value);

exports.time = (name, work, route) => {
  const start = performance.now();
  try {
    return work();
  } finally {
    histograms[name].observe({ route }, (performance.now() - start) / 1000);
  }
};

exports.timeAsync = async (name, work, route) => {
  const start = performance.now();
  try {
    return await work();
  } finally {
    histograms[name].observe({ route }, (performance.now() - start) / 1000);
  }
};

exports.counted = async (name) => {
  if (name === undefined) return byHand.counted();
  const { values } = await counters[name].get();
  return values.reduce((sum, { value }) => sum + value, 0);
};
