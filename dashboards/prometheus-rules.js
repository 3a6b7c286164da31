/**
 * Writes prometheus-rules.yml. This is the only place that defines what a service is, and its objectives; the shipped
 * file has the defaults. It needs only Node.js:
 *
 *   node prometheus-rules.js --by cluster,namespace,job --within 1 > my-rules.yml
 *   promtool check rules my-rules.yml
 */
import { parseArgs } from 'node:util';

const DEFAULTS = {
  // Series with the same values of these labels are one service; a missing label counts as empty. Labels that start with
  // `exported_` exist where a Collector is scraped without `honor_labels`: they are the labels that it wrote itself.
  by: 'namespace,exported_namespace,job,exported_job',
  errors: '0.001',
  slow: '0.01',
  within: '0.5',
};

function fail(message) {
  process.stderr.write(`prometheus-rules: ${message}\n`);
  process.exit(1);
}

function options() {
  try {
    return parseArgs({
      options: {
        by: { type: 'string', default: DEFAULTS.by },
        errors: { type: 'string', default: DEFAULTS.errors },
        slow: { type: 'string', default: DEFAULTS.slow },
        within: { type: 'string', default: DEFAULTS.within },
        'slow-route': { type: 'string', multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message.split('. ')[0]}; accepted: --by, --errors, --slow, --within, --slow-route`);
  }
}
const given = options();

const refuse = (option, accepted) =>
  fail(`--${option} is ${JSON.stringify(given[option])}; accepted: ${accepted}`);

function labels(value) {
  const names = value.split(',').map((name) => name.trim());
  // Each process has its own value of these.
  const apart = ['instance', 'exported_instance', 'le', 'pod'];
  if (!names.every((name) => /^[a-zA-Z_]\w*$/.test(name) && !apart.includes(name))) {
    refuse('by', `names of labels with commas between, without ${apart.join(', ')}`);
  }
  if (names.every((name) => name.startsWith('exported_')))
    refuse('by', 'a label of the targets, such as job');
  return [...new Set(names)];
}

function number(option, accepted, fits) {
  const value = Number(given[option]);
  if (!(given[option].trim() !== '' && fits(value))) refuse(option, accepted);
  return String(value);
}

const names = labels(given.by);
const share = (value) => value > 0 && value <= 1;
const errors = number('errors', 'a share above 0, at most 1', share);
const slow = number('slow', 'a share above 0, at most 1', share);
const within = number('within', 'seconds', (value) => value > 0 && value < Number.POSITIVE_INFINITY);

/** The labels of a service, of each of its processes, and of its targets, which have `up`. */
const by = names.join(', ');
const each = [...names, 'instance', 'exported_instance'].join(', ');
const target = names.filter((name) => !name.startsWith('exported_')).join(', ');

/** `prod/shop`, without empty parts. */
const plain = names.filter((name) => !name.startsWith('exported_'));
const name = [
  ...plain.map((label, index) =>
    index < plain.length - 1 ? `{{ with $labels.${label} }}{{ . }}/{{ end }}` : `{{ $labels.${label} }}`,
  ),
  ...names
    .filter((label) => label.startsWith('exported_'))
    .map((label) => `{{ with $labels.${label} }} ({{ . }}){{ end }}`),
].join('');
const instance = '{{ $labels.instance }}{{ with $labels.exported_instance }} ({{ . }}){{ end }}';

const quoted = (text) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
const pattern = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const count = 'http_server_request_duration_seconds_count';
const bucket = 'http_server_request_duration_seconds_bucket';
/** Excludes routes that may take any time. */
const hurried =
  given['slow-route'].length > 0
    ? `http_route!~"${quoted(given['slow-route'].map(pattern).join('|'))}"`
    : undefined;
/** Whole numbers are written in two ways: `1` by most, `1.0` by Prometheus 3 when it scrapes. */
const boundary = /^\d+$/.test(within) ? `le=~"${within}|${within}[.]0"` : `le="${within}"`;
const judged = {
  count: hurried ? `${count}{${hurried}}` : count,
  bucket: `${bucket}{${[hurried, boundary].filter(Boolean).join(', ')}}`,
};

const WINDOWS = ['5m', '30m', '1h', '6h'];
const everyWindow = (rule) => WINDOWS.map(rule).join('\n');

const requests = (window) => `
      - record: job:http_server_requests:rate${window}
        expr: sum by (${by}) (rate(${count}[${window}]))`;

const failed = (window) => `
      - record: job:http_server_errors:ratio_rate${window}
        expr: |
          (
            sum by (${by}) (
              rate(${count}{http_response_status_code=~"5.."}[${window}])
              or
              rate(${count}{http_response_status_code=~"|_OTHER", error_type=~"5.."}[${window}])
            )
            or
            0 * job:http_server_requests:rate${window}
          )
          / (job:http_server_requests:rate${window} > 0)`;

const complete = (window) =>
  `sum without (le) (count_over_time(${judged.bucket}[${window}])) == count_over_time(${judged.count}[${window}])`;

const judgeable = (window) => `
      - record: job:http_server_judged_requests:rate${window}
        expr: |
          sum by (${by}) (
            rate(${judged.count}[${window}])
            and
            (${complete(window)})
          )`;

const late = (window) => `
      - record: job:http_server_slow_requests:ratio_rate${window}
        expr: |
          1 -
          sum by (${by}) (
            rate(${judged.bucket}[${window}])
            and ignoring (le)
            (${complete(window)})
          )
          / (job:http_server_judged_requests:rate${window} > 0)`;

const quantile = (percent) => `
      - record: job_http_route:http_server_request_duration_seconds:p${percent}_5m
        expr: histogram_quantile(0.${percent === '50' ? '5' : percent}, job_http_route_le:${bucket}:rate5m) >= 0`;

process.stdout.write(`# Recording and alerting rules for Prometheus 2.42 or newer, however the metrics arrive.
# docs/dashboards.md describes what each alert means and what to do.
#
#   promtool check rules prometheus-rules.yml
#   promtool test rules prometheus-rules.test.yml
#
# Written by prometheus-rules.js, which lies beside this file: to change labels, budgets or boundaries, run that instead
# of editing this file. Its settings here:
#   series with the same ${by} are one service
#   ${Number((100 - Number(errors) * 100).toFixed(10))} % of requests are answered without a server error (5xx): a budget of ${errors}
#   ${Number((100 - Number(slow) * 100).toFixed(10))} % of requests take no longer than ${within} s: a budget of ${slow}; ${within} must be one of the histogram's boundaries
# In the names of recorded series "job" stands for all the labels of a service.

groups:
  - name: routemeter-routes
    rules:
      - record: job_http_route:http_server_requests:rate5m
        expr: sum by (${by}, http_route) (rate(${count}[5m]))

      # 0 if nothing failed, absent if there were no requests.
      - record: job_http_route:http_server_errors:ratio_rate5m
        expr: |
          (
            sum by (${by}, http_route) (
              rate(${count}{http_response_status_code=~"5.."}[5m])
              or
              rate(${count}{http_response_status_code=~"|_OTHER", error_type=~"5.."}[5m])
            )
            or
            0 * job_http_route:http_server_requests:rate5m
          )
          / (job_http_route:http_server_requests:rate5m > 0)

      # Only the boundaries that all processes have had for as long as they have counted: where a new configuration is
      # rolled out, a sum of others would be no histogram.
      - record: job_http_route_le:${bucket}:rate5m
        expr: |
          sum by (${by}, http_route, le) (rate(${bucket}[5m]))
          and
          (
            count by (${by}, http_route, le) (
              count_over_time(${bucket}[5m])
              == ignoring (le) group_left ()
              count_over_time(${bucket}{le="+Inf"}[5m])
            )
            == on (${by}, http_route) group_left ()
            count by (${by}, http_route) (count_over_time(${bucket}{le="+Inf"}[5m]))
          )

      # The comparison leaves out what is NaN: no requests, or no boundary in common.
${['50', '95', '99'].map(quantile).join('').slice(1)}

  - name: routemeter-errors
    rules:
${everyWindow((window) => requests(window).slice(1))}

      # The status is dropped where there are too many series, or by ROUTEMETER_ATTRIBUTES; error.type has it as well.
${everyWindow((window) => failed(window).slice(1))}

      # A service has this budget unless one of your own rules records another for it.
      - record: job:http_server_error_budget:ratio
        expr: |
          max by (${by}) (objective:http_server_error_budget:ratio)
          or
          0 * job:http_server_requests:rate6h + ${errors}

      # Two windows each, after https://sre.google/workbook/alerting-on-slos/: the long one shows that it matters, the
      # short one that it continues. 14.4 times the budget for an hour spends 2 % of a month's, 6 times for six hours 5 %.
      # The last condition requires ten failed requests: one of twenty in a quiet night is no reason for an alert.
      - alert: HttpServerErrorBudgetBurn
        expr: |
          job:http_server_errors:ratio_rate1h > 14.4 * job:http_server_error_budget:ratio
          and job:http_server_errors:ratio_rate5m > 14.4 * job:http_server_error_budget:ratio
          and job:http_server_errors:ratio_rate1h * job:http_server_requests:rate1h * 3600 >= 10
        labels:
          severity: critical
        annotations:
          summary: '${name} fails {{ $value | humanizePercentage }} of its requests'
          description: >-
            Over the last hour {{ $value | humanizePercentage }} of the requests to ${name} were answered
            with a server error (5xx), and it continues. At this rate a month's budget is gone in two days or sooner.
      - alert: HttpServerErrorBudgetBurnSlow
        expr: |
          job:http_server_errors:ratio_rate6h > 6 * job:http_server_error_budget:ratio
          and job:http_server_errors:ratio_rate30m > 6 * job:http_server_error_budget:ratio
          and job:http_server_errors:ratio_rate6h * job:http_server_requests:rate6h * 21600 >= 10
        labels:
          severity: warning
        annotations:
          summary: '${name} fails {{ $value | humanizePercentage }} of its requests, for hours'
          description: >-
            Over the last six hours {{ $value | humanizePercentage }} of the requests to ${name} were
            answered with a server error (5xx), and it continues. At this rate a month's budget is gone in five days
            or sooner.

      # The rules above need a status or an error type to know what failed.
      - record: job:http_server_instances_without_status:count
        expr: |
          count by (${by}) (
            group by (${each}) (
              ${count}{http_response_status_code="", error_type="", otel_metric_overflow=""}
            )
          )
          or
          0 * job:http_server_requests:rate5m
      - alert: HttpServerStatusMissing
        expr: job:http_server_instances_without_status:count > 0
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: '${name} does not report which of its requests fail'
          description: >-
            {{ $value }} of the instances of ${name} have requests without http_response_status_code and without
            error_type. HttpServerErrorBudgetBurn does not see them fail.

      # Without the histogram, or with one without classic buckets, all of these are silent.
      - alert: HttpServerDurationMissing
        expr: |
          count by (${by}) (http_server_active_requests)
          unless
          count by (${by}) (${count})
        for: 1h
        labels:
          severity: warning
        annotations:
          summary: '${name} has requests but no durations of them'
          description: >-
            For an hour ${name} has had http_server_active_requests, and no ${count}:
            no alert on errors and latency sees its requests.

  - name: routemeter-latency
    rules:
      # Only requests counted with the boundary from the first sample to the last within the window: for others it is not
      # known whether they were slow, which HttpServerLatencyBoundaryMissing reports.
${everyWindow((window) => judgeable(window).slice(1))}
${everyWindow((window) => late(window).slice(1))}

      # A service has this budget unless one of your own rules records another for it.
      - record: job:http_server_slow_budget:ratio
        expr: |
          max by (${by}) (objective:http_server_slow_budget:ratio)
          or
          0 * job:http_server_requests:rate6h + ${slow}

      - alert: HttpServerLatencyBudgetBurn
        expr: |
          job:http_server_slow_requests:ratio_rate1h > 14.4 * job:http_server_slow_budget:ratio
          and job:http_server_slow_requests:ratio_rate5m > 14.4 * job:http_server_slow_budget:ratio
          and job:http_server_slow_requests:ratio_rate1h * job:http_server_judged_requests:rate1h * 3600 >= 10
        labels:
          severity: critical
        annotations:
          summary: '${name} takes more than ${within} s for {{ $value | humanizePercentage }} of its requests'
          description: >-
            Over the last hour {{ $value | humanizePercentage }} of the requests to ${name} took longer
            than ${within} s, and it continues. At this rate a month's budget is gone in two days or sooner.
      - alert: HttpServerLatencyBudgetBurnSlow
        expr: |
          job:http_server_slow_requests:ratio_rate6h > 6 * job:http_server_slow_budget:ratio
          and job:http_server_slow_requests:ratio_rate30m > 6 * job:http_server_slow_budget:ratio
          and job:http_server_slow_requests:ratio_rate6h * job:http_server_judged_requests:rate6h * 21600 >= 10
        labels:
          severity: warning
        annotations:
          summary: '${name} takes more than ${within} s for {{ $value | humanizePercentage }} of its requests, for hours'
          description: >-
            Over the last six hours {{ $value | humanizePercentage }} of the requests to ${name} took
            longer than ${within} s, and it continues. At this rate a month's budget is gone in five days or sooner.

      # The rules above need the boundary.
      - record: job:http_server_instances_without_boundary:count
        expr: |
          count by (${by}) (
            group by (${each}) (
              ${judged.count}
              unless ignoring (le)
              ${judged.bucket}
            )
          )
          or
          0 * job:http_server_requests:rate5m
      - alert: HttpServerLatencyBoundaryMissing
        expr: job:http_server_instances_without_boundary:count > 0
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: '${name} has no boundary at ${within} s'
          description: >-
            {{ $value }} of the instances of ${name} count requests in a histogram without a boundary at ${within} s.
            HttpServerLatencyBudgetBurn does not see them: add ${within} to ROUTEMETER_BUCKETS.
      - alert: HttpServerBoundariesDiffer
        expr: |
          count by (${by}) (
            count by (${by}, http_route, le) (${bucket})
            != on (${by}, http_route) group_left ()
            count by (${by}, http_route) (${bucket}{le="+Inf"})
          ) > 0
        for: 1h
        labels:
          severity: info
        annotations:
          summary: 'The instances of ${name} have different boundaries'
          description: >-
            For an hour the histograms of the instances of ${name} have not had the same boundaries. Quantiles
            are computed from the boundaries that all of them share, and are as coarse as these.

  - name: routemeter-targets
    rules:
      # Instances that send anything. The first two metrics exist before the first request.
      - record: job:http_server_instances:count
        expr: |
          count by (${by}) (
            group by (${each}) (
              target_info{telemetry_distro_name="routemeter"}
              or routemeter_collect_errors_total
              or routemeter_statsd_packets_total
              or http_server_active_requests
              or ${count}
            )
          )
      # All targets, old and new, of a job that has sent metrics within a day, and after that for as long as some of its
      # targets are down. Not by instance, because a rollout brings new addresses.
      - record: job:http_server_targets:count
        expr: |
          count by (${target}) (up)
          and on (${target}) (
            max_over_time(job:http_server_instances:count[1d])
            or
            (max_over_time(job:http_server_targets:count[1d]) and on (${target}) up == 0)
          )
      - record: job:http_server_targets_down:count
        expr: |
          (count by (${target}) (up == 0) and job:http_server_targets:count)
          or
          0 * job:http_server_targets:count

      - alert: HttpServerDown
        expr: job:http_server_targets_down:count == job:http_server_targets:count
        for: 2m
        labels:
          severity: critical
        annotations:
          summary: '${name} is down'
          description: >-
            For two minutes Prometheus has not been able to scrape any target of ${name}: the service is down, or
            runs without metrics.
      - alert: HttpServerMostTargetsDown
        expr: |
          job:http_server_targets_down:count / job:http_server_targets:count > 0.5
          and job:http_server_targets_down:count < job:http_server_targets:count
        for: 10m
        labels:
          severity: critical
        annotations:
          summary: '{{ $value | humanizePercentage }} of the targets of ${name} are down'
          description: >-
            For ten minutes Prometheus has not been able to scrape {{ $value | humanizePercentage }} of the
            targets of ${name}. The others carry their load.
      - alert: HttpServerTargetDown
        expr: up == 0 and on (${target}) job:http_server_targets:count
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: '{{ $labels.instance }} of ${name} cannot be scraped'
          description: >-
            For five minutes Prometheus has not been able to scrape {{ $labels.instance }} of ${name}: it is down,
            or runs without metrics.
      # Pushed metrics have no \`up\`, and neither has a target that service discovery has dropped.
      - alert: HttpServerMetricsMissing
        expr: |
          max_over_time(job:http_server_instances:count[1d])
          unless job:http_server_instances:count
          unless on (${by}) up
          unless on (${target}) up == 0
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: '${name} no longer sends metrics'
          description: >-
            ${name} has sent metrics within a day, and none for five minutes, though none of its targets is down: it is
            no longer listed as a target, or whatever pushed has stopped.
      - alert: HttpServerNotMeasured
        expr: |
          max_over_time(job:http_server_instances:count[1d])
          unless job:http_server_instances:count
          and on (${by}) up == 1
        for: 15m
        labels:
          severity: warning
        annotations:
          summary: '${name} is scraped but sends no HTTP metrics'
          description: >-
            ${name} has sent HTTP metrics within a day. For fifteen minutes its targets have answered without any:
            something else serves metrics in its place.
      - alert: HttpServerMetricsAbsent
        expr: absent(job:http_server_instances:count or job:http_server_targets:count)
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: There are no HTTP servers at all
          description: >-
            For ten minutes Prometheus has had no metrics of an HTTP server from anywhere, and none within a day:
            nothing is scraped or pushed, or only under other names.

  - name: routemeter-runtime
    rules:
      - alert: NodeEventLoopBlocked
        expr: max by (${each}) (nodejs_eventloop_delay_p99_seconds) > 0.1
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: 'The event loop of ${instance} (${name}) is blocked for {{ $value | humanizeDuration }}'
          description: >-
            For five minutes, one in a hundred turns of the event loop of ${instance} (${name})
            has been at least {{ $value | humanizeDuration }} late. All requests wait for that long.

  - name: routemeter-exporters
    rules:
      - alert: StatsdPacketsDropped
        expr: sum by (${each}) (increase(routemeter_statsd_packets_dropped_total[10m])) > 0
        labels:
          severity: warning
        annotations:
          summary: '${instance} (${name}) loses StatsD packets'
          description: >-
            Within ten minutes {{ $value | humanize }} packets of ${instance} (${name}) did
            not reach the StatsD server, and the requests counted in them are missing there.
      - alert: HttpServerSeriesOverflow
        expr: |
          sum by (${each}, routemeter_attribute) (
            rate(routemeter_series_overflow_total{routemeter_instrument=~"http[.]server[.].*"}[10m])
            or
            label_replace(rate(${count}{http_route="_OTHER"}[10m]), "routemeter_attribute", "http.route", "", "")
          ) > 0
        labels:
          severity: info
        annotations:
          summary: '${instance} (${name}) has no series left for new values of {{ with $labels.routemeter_attribute }}{{ . }}{{ else }}any label{{ end }}'
          description: >-
            ${instance} (${name}) is near ROUTEMETER_CARDINALITY_LIMIT: requests are still
            counted, but some no longer by {{ with $labels.routemeter_attribute }}{{ . }}{{ else }}any label{{ end }}.
`);
