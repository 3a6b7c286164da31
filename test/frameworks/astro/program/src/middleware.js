import { route } from 'routemeter';

export function onRequest({ routePattern }, next) {
  if (routePattern !== '/404' && routePattern !== '/500') route(routePattern);
  return next();
}
