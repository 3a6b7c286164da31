/** The histogram that the scrape benchmark fills, the same in every variant. */

/** Upper bounds in seconds: those the semantic conventions recommend for http.server.request.duration. */
exports.BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const STATUS = [200, 201, 204, 404, 500];

/** That many distinct series, as the values of four attributes: method, route, status, scheme. */
exports.series = (count) =>
  Array.from({ length: count }, (_, index) => ({
    method: METHODS[index % 4],
    route: `/api/resource-${Math.floor(index / 20)}/items/:item`,
    status: STATUS[Math.floor(index / 4) % 5],
    scheme: 'http',
  }));

/** A duration in seconds for the n-th record; they fall into all the buckets. */
exports.duration = (n) => 0.002 * 1.37 ** (n % 30);
