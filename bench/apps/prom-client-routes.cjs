/**
 * How many requests a prom-client registry has counted in a histogram, by the label that is to be the route.
 *
 * @param label the name of that label
 * @param name that of the histogram
 */
module.exports = async function routes(register, label, name = 'http_request_duration_seconds') {
  const { values } = await register.getSingleMetric(name).get();
  const counts = {};
  for (const { metricName, labels, value } of values) {
    if (metricName === `${name}_count`) counts[labels[label]] = (counts[labels[label]] ?? 0) + value;
  }
  return counts;
};
