import type { ServerResponse } from 'node:http';
import type { ExpressRequest, Route } from './layer.ts';
import { alternativesOf, pathOf } from './layer.ts';

const WILDCARD = /^(?:\/?\*{1,2}\w*|\/?\{\/?\*\w+\}|\/?(?::\w+)?\(\.?\*\)|\/?:\w+\*)\??$/;
const REGEXP = /^(?:\^?(?:\\\/)?\(?\.[*+]\)?\$?|\^?\\\/|\^)$/;
const EVERY = ['get', 'head', 'post', 'put', 'delete', 'patch', 'options', 'trace', 'propfind'];

const kinds = new WeakMap<Route, { readonly isBare: boolean; readonly isForAll: boolean }>();

/** A path that is nothing but a wildcard. */
export function isBare(route: Route): boolean {
  return kindOf(route).isBare;
}

/**
 * A path that is nothing but a wildcard, declared for every method: what an app or a router has for whatever it has
 * no route for, a 404 of its own or the router of another framework. It is no route, as Express' own 404 is none;
 * nor is the same for OPTIONS alone, which answers preflights.
 */
export function isFallback(route: Route): boolean {
  const { isBare, isForAll } = kindOf(route);
  return isBare && isForAll;
}

/**
 * True for a wildcard, of whatever methods, that gave the request to what comes after it: a guard and not a route.
 * Express sets `req.params` for each that it gives a request to.
 */
export function hasPassedOn(
  route: Route,
  { params, url = '' }: ExpressRequest,
  { statusCode }: ServerResponse,
): boolean {
  // An error passes on as well, and keeps its route.
  if (!isBare(route) || statusCode >= 500) return false;
  if (typeof params !== 'object' || params === null) return true;
  const [path] = alternativesOf(route.path);
  // A regular expression need not have a group, and an optional wildcard may have taken nothing.
  if (typeof path !== 'string' || (path.includes('{') && pathOf(url) === '/')) return false;
  const name = /[:*](\w+)/.exec(path)?.[1] ?? '0';
  return !(name in params);
}

function kindOf(route: Route): { readonly isBare: boolean; readonly isForAll: boolean } {
  let kind = kinds.get(route);
  if (kind === undefined) {
    const { methods } = route;
    kind = {
      isBare: alternativesOf(route.path).some(takesEverything),
      isForAll: methods?._all === true || EVERY.every((name) => methods?.[name]) || isPreflight(methods),
    };
    kinds.set(route, kind);
  }
  return kind;
}

function isPreflight(methods: Route['methods'] = {}): boolean {
  return Object.keys(methods).join() === 'options';
}

function takesEverything(path: string | RegExp): boolean {
  return typeof path === 'string' ? WILDCARD.test(path) : REGEXP.test(path.source);
}
