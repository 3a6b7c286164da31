import type { Route } from './layer.ts';
import { alternativesOf } from './layer.ts';

const WILDCARD = /^(?:\/?\*{1,2}\w*|\/?\{\/?\*\w+\}|\/?(?::\w+)?\(\.\*\)|\/?:\w+\*)$/;
const REGEXP = /^(?:\^?(?:\\\/)?\(?\.[*+]\)?\$?|\^?\\\/)$/;
const EVERY = ['get', 'head', 'post', 'put', 'delete', 'patch', 'options', 'trace', 'propfind'];

const known = new WeakMap<Route, boolean>();

/**
 * A route for every method whose path is nothing but a wildcard: what an app or a router declares for whatever it
 * has no route for, a 404 of its own or the router of another framework. It is no route, as Express' own 404 is none.
 */
export function isFallback(route: Route): boolean {
  let is = known.get(route);
  if (is === undefined) {
    is = isForEveryMethod(route) && alternativesOf(route.path).some(takesEverything);
    known.set(route, is);
  }
  return is;
}

function isForEveryMethod({ methods }: Route): boolean {
  return methods?._all === true || (methods !== undefined && EVERY.every((name) => methods[name]));
}

function takesEverything(path: string | RegExp): boolean {
  return typeof path === 'string' ? WILDCARD.test(path) : REGEXP.test(path.source);
}
