/** How many requests a prom-client registry has counted in its histogram of durations. */
module.exports = async function counted(register) {
  const metric = await register.getSingleMetric('http_request_duration_seconds').get();
  return metric.values
    .filter((value) => value.metricName === 'http_request_duration_seconds_count')
    .reduce((sum, value) => sum + value.value, 0);
};
