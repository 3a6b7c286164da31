/** A path of each route of the app that is there once in each framework, and the routes as most of them write them. */
export const ROUTES = {
  '/users/7/posts/42': '/users/:user/posts/:post',
  '/users/8/posts/43': '/users/:user/posts/:post',
  '/users/7/posts': '/users/:user/posts',
  '/health': '/health',
};
