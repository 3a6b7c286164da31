import type { ServerResponse } from 'node:http';
import { isFallback } from './fallback.ts';
import type { ExpressRequest, Layer, Route } from './layer.ts';

/** What has been noted of a request on its way, where what it leaves behind is not enough. */
export interface Notes {
  readonly request: object;
  /** The route that matched last, whether it counts or not. */
  last: unknown;
  /** The last route that the request entered before its response began, and the state of the request then. */
  route: Route | undefined;
  base: string;
  url: string;
  app: unknown;
  /** Where layers are patched: alternately what `req.baseUrl` was at a mounted layer, and the layer. */
  readonly mounts: (string | Layer)[];
  /** Where layers are patched: that of `route`, and the length of `mounts` when it was entered. */
  layer: Layer | undefined;
  depth: number;
}

const NOTES = Symbol('routemeter.express');

export interface NotedRequest extends ExpressRequest {
  [NOTES]?: Notes;
  res?: ServerResponse;
}

/** The route that was noted last, be it on what the request inherits from. */
export function lastSeen(request: NotedRequest): unknown {
  return request[NOTES]?.last;
}

/** The request's own: the app may have set a route on what the request inherits from. */
export function notesOf(request: NotedRequest): Notes | undefined {
  const notes = request[NOTES];
  return notes?.request === request ? notes : undefined;
}

export function startNotes(request: NotedRequest): Notes {
  const notes: Notes = {
    request,
    last: undefined,
    route: undefined,
    base: '',
    url: '',
    app: undefined,
    mounts: [],
    layer: undefined,
    depth: 0,
  };
  request[NOTES] = notes;
  return notes;
}

/** Whether a layer was patched that the request has met. */
export function isTraced({ mounts, layer }: Notes): boolean {
  return mounts.length > 0 || layer !== undefined;
}

/** @returns whether the route counts */
export function noteRoute(
  notes: Notes,
  request: ExpressRequest,
  response: ServerResponse | undefined,
  route: Route,
): boolean {
  // After `res.send(); next()` the route that answered counts; a fallback never replaces the route before it.
  if (notes.route !== undefined && (response?.headersSent === true || isFallback(route))) return false;
  notes.route = route;
  notes.base = request.baseUrl ?? '';
  notes.url = request.url ?? '';
  notes.app = request.app;
  return true;
}
