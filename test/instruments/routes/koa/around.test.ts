import assert from 'node:assert/strict';
import { createServer, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { patternAround } from '../../../../src/instruments/routes/koa/around.ts';

/** A request in an app of Connect, which has taken something off its URL. */
function request(url: string, originalUrl: string): IncomingMessage {
  const inner = Object.assign(() => {}, { stack: [{ route: '/v1', handle: () => {} }] });
  const app = Object.assign(() => {}, {
    stack: [
      { route: '', handle: () => {} },
      { route: '/Users', handle: () => {} },
      { route: '/api', handle: inner },
    ],
  });
  const socket = Object.assign(new Socket(), { server: createServer(app) });
  return Object.assign(new IncomingMessage(socket), { url, originalUrl });
}

describe('the pattern under which Connect has mounted Koa', () => {
  for (const [title, url, originalUrl, pattern] of [
    ['is what was declared, whatever case the client writes', '/42?a', '/uSERS/42?a', '/Users'],
    ['is known if nothing is left of the path', '/', '/users', '/Users'],
    ['is joined from apps within apps', '/42', '/api/v1/42', '/api/v1'],
    ['is empty at the root', '/42', '/42', ''],
    ['is empty for a path that no mount has taken', '/42', '/other/42', ''],
    ['is empty for a path that was rewritten', '/other', '/users/42', ''],
  ] as const) {
    it(title, () => assert.equal(patternAround(request(url, originalUrl)), pattern));
  }
});
