import type { Guard } from '../../../guest/guard.ts';
import { nodeRequestOf } from '../web-request.ts';
import { type Context, type Routed, step } from './steps.ts';

/** Of h3 2. */
interface WebEvent {
  readonly req: unknown;
  readonly url: { readonly pathname: string };
  readonly context: Context;
}

/** Of h3 2: the method that finds the route of an event. */
export interface Router {
  '~findRoute'(this: unknown, event: WebEvent): unknown;
}

type Step = (event: WebEvent) => void;

export function stepsOfWeb(guard: Guard): Step {
  return guard('route', ({ req, url, context }) => {
    const request: Routed | undefined = nodeRequestOf(req);
    if (request !== undefined) step(request, context, url.pathname);
  });
}

/** The same method, after a step. */
export function steppingFind(find: Router['~findRoute'], step: Step): Router['~findRoute'] {
  return {
    '~findRoute'(this: unknown, event: WebEvent): unknown {
      step(event);
      return find.call(this, event);
    },
  }['~findRoute'];
}
