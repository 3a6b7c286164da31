import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { createRouteOf } from '../../../src/instruments/routes/route-of.ts';
import type { RouteSource } from '../../../src/instruments/routes/route-source.ts';

const request = {} as IncomingMessage;
const response = {} as ServerResponse;

describe('the route of a request', () => {
  const cases: [what: string, named: string | null | undefined, route: string | undefined][] = [
    ['comes from the first source that knows it', undefined, '/second'],
    ["is what the app's code has named, whatever the sources know", '/named', '/named'],
    ["is missing if the app's code has said so", null, undefined],
  ];
  for (const [what, named, route] of cases) {
    it(what, () => {
      const sources = [undefined, '/second', '/third'].map(
        (found, i): RouteSource => ({ name: String(i), route: () => found }),
      );
      const routes = createRouteOf(
        sources,
        (_place, callback) => callback,
        () => {},
      );
      assert.equal(routes.route(request, response, '/', named), route);
    });
  }

  it('is missing if a source fails, and the request continues', () => {
    const said: string[] = [];
    const fail = (): never => {
      throw new Error('unreadable');
    };
    const guard = createGuard(createLog('info', (line) => said.push(line)));
    const routes = createRouteOf([{ name: 'failing', start: fail, route: fail }], guard, () => {});
    routes.start(request, response, {} as Server);
    assert.equal(routes.route(request, response, '/', undefined), undefined);
    assert.deepEqual(said, ['routemeter: internal error at route, the app is not affected: unreadable\n']);
  });
});
