import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { targetOf } from '../../../src/instruments/http-client/target.ts';

interface Given {
  readonly host?: string;
  readonly protocol?: string;
  readonly header?: string | string[] | undefined;
  readonly defaultPort?: number;
  readonly remotePort?: number;
  readonly error?: unknown;
}

/** [what, given, address, port] */
const CASES: readonly (readonly [string, Given, string, number | undefined])[] = [
  ['a port of its own', { header: 'a.example:8080' }, 'a.example', 8080],
  ['the default port', {}, 'a.example', 80],
  ['the default port of HTTPS', { protocol: 'https:' }, 'a.example', 443],
  ['the default port of its agent', { defaultPort: 8443 }, 'a.example', 8443],
  ['letters of either case', { host: 'A.Example', header: 'A.Example:1' }, 'a.example', 1],
  ['an address of IPv6', { host: '::1', header: '[::1]:8080' }, '::1', 8080],
  ['an address of IPv6 in brackets', { host: '[::1]', header: '[::1]' }, '::1', 80],
  ['another name in its header Host', { header: 'b.example:1', remotePort: 8080 }, 'a.example', 8080],
  ['no header Host', { header: undefined, remotePort: 8080 }, 'a.example', 8080],
  ['a proxy', { header: 'a.example:8080', remotePort: 3128 }, 'a.example', 8080],
  ['another name there, refused', { header: 'b.example', error: { port: 8080 } }, 'a.example', 8080],
  ['another name there, and nothing to tell', { header: 'b.example' }, 'a.example', undefined],
  ['a list of hosts', { header: ['a.example', 'b.example'] }, 'a.example', undefined],
  ['what is no port', { header: 'a.example:x' }, 'a.example', undefined],
];

describe('the target of a request', () => {
  for (const [what, given, address, port] of CASES) {
    it(`is right with ${what}`, () => {
      const { host = 'a.example', protocol = 'http:', defaultPort, remotePort, error } = given;
      const header = 'header' in given ? given.header : host;
      const request = {
        host,
        protocol,
        agent: defaultPort === undefined ? undefined : { defaultPort },
        socket: (remotePort === undefined ? null : { remotePort }) as Socket,
        getHeader: () => header,
      };
      assert.deepEqual(targetOf(request, error), { address, port });
    });
  }
});
