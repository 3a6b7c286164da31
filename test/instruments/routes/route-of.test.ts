import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { createRouteOf } from '../../../src/instruments/routes/route-of.ts';
import type { RouteSource } from '../../../src/instruments/routes/route-source.ts';

const request = {} as IncomingMessage;
const response = {} as ServerResponse;
const said: string[] = [];
const guard = createGuard(createLog('info', (line) => said.push(line)));
const finds = (route: string | undefined): RouteSource => ({ route: () => route });

/** Asks these, and then the last. */
const routeOf = (asked: readonly RouteSource[], last?: RouteSource, look = (): void => {}) =>
  createRouteOf({ asked, look }, last, guard, () => {});

describe('the route of a request', () => {
  const sources = [undefined, '/second', '/third'].map(finds);
  for (const [what, asked, named, route] of [
    ['comes from the first source that knows it', sources, undefined, '/second'],
    ['comes from the last source if no other knows it', [finds(undefined)], undefined, '/last'],
    ["is what the app's code has named, whatever the sources know", sources, '/named', '/named'],
    ["is missing if the app's code has said so", sources, null, undefined],
  ] as const) {
    it(what, () => assert.equal(routeOf(asked, finds('/last')).route(request, response, '/', named), route));
  }

  it('is missing if a source fails, and the request continues', () => {
    const fail = (): never => {
      throw new Error('unreadable');
    };
    const routes = routeOf([{ serve: fail, route: fail }]);
    routes.start({} as Server);
    assert.equal(routes.route(request, response, '/', undefined), undefined);
    assert.deepEqual(said, ['routemeter: internal error at route, the app is not affected: unreadable\n']);
  });
});

describe('a server', () => {
  it('is shown to the sources that are there just before its first request', () => {
    const asked: RouteSource[] = [];
    const servers = [{} as Server, {} as Server] as const;
    const shown: Server[] = [];
    const routes = routeOf(asked, undefined, () => {
      if (asked.length === 0) asked.push({ ...finds(undefined), serve: (server) => void shown.push(server) });
    });
    for (const server of [servers[0], servers[1], servers[0], undefined]) routes.start(server);
    assert.deepEqual(shown, [...servers]);
  });

  for (const [what, asked, last, known] of [
    ['has no routes that are known if no source is there', [], undefined, false],
    ['has routes that are known if a framework was found', [finds(undefined)], undefined, true],
    [
      'has routes that are known if a source says so',
      [{ ...finds(undefined), knows: () => true }],
      undefined,
      true,
    ],
    ['has none if the source denies it', [{ ...finds(undefined), knows: () => false }], undefined, false],
    ['has those of the last source', [], finds('/last'), true],
  ] as const) {
    it(what, () => assert.equal(routeOf(asked, last).knows(undefined), known));
  }
});
