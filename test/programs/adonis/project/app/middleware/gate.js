export default class Gate {
  handle({ request, response }, next) {
    return request.url().startsWith('/private') ? response.unauthorized('who are you?') : next();
  }
}
