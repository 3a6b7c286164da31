import type { ServerResponse } from 'node:http';
import { alternativesOf } from '../declared-path.ts';
import { takesEverything } from '../wildcard.ts';
import type { ExpressRequest, Route } from './layer.ts';
import { oncePer } from './once-per.ts';
import { routedPathOf } from './routed-path.ts';

const EVERY = ['get', 'head', 'post', 'put', 'delete', 'patch', 'options', 'trace', 'propfind'];

/** Whether the route's path is nothing but a wildcard. */
export function isBare(route: Route): boolean {
  return kindOf(route).isBare;
}

/**
 * Whether the route's path is nothing but a wildcard, declared for every method: a 404 of the app's own, or the router
 * of another framework. Like Express' own 404 it does not count as a route, nor does the same for OPTIONS alone, which
 * answers preflights.
 */
export function isFallback(route: Route): boolean {
  const { isBare, isForAll } = kindOf(route);
  return isBare && isForAll;
}

/**
 * Whether a wildcard, of any methods, has passed the request on: it is a guard and not a route. Express replaces
 * `req.params` for every route that it gives the request to.
 */
export function hasPassedOn(
  route: Route,
  { params, url = '' }: ExpressRequest,
  { statusCode }: ServerResponse,
): boolean {
  // An error is passed on as well, but keeps its route.
  if (!isBare(route) || statusCode >= 500) return false;
  if (typeof params !== 'object' || params === null) return true;
  const [path] = alternativesOf(route.path);
  // Neither a regular expression without a group nor an optional wildcard that took nothing sets a parameter.
  if (typeof path !== 'string' || (path.includes('{') && routedPathOf(url) === '/')) return false;
  const name = /[:*](\w+)/.exec(path)?.[1] ?? '0';
  return !(name in params);
}

const kindOf = oncePer(({ path, methods }: Route) => ({
  isBare: takesEverything(path),
  isForAll: methods?._all === true || EVERY.every((name) => methods?.[name]) || isPreflight(methods),
}));

function isPreflight(methods: Route['methods'] = {}): boolean {
  return Object.keys(methods).join() === 'options';
}
