export default class Denied {
  handle({ request, response }, next) {
    return request.url().startsWith('/denied/') ? response.unauthorized('denied') : next();
  }
}
