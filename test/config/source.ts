import assert from 'node:assert/strict';
import type { Config, ConfigResult } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { ConfigSource, Options } from '../../src/config/types.ts';

export type Env = ConfigSource['env'];

/** The shape of a PEM file; nothing decodes what is inside. */
const pem = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

const FILES: Readonly<Record<string, string>> = {
  '/srv/shop/package.json': '{"name":"shop"}',
  '/srv/shop/dist/package.json': '{"type":"module"}',
  '/srv/shop/broken/package.json': '{"name":',
  '/srv/apps/cart/package.json': '{"name":"cart"}',
  '/srv/shop/node_modules/serve/package.json': '{"name":"serve"}',
  '/usr/lib/node_modules/serve/package.json': '{"name":"serve"}',
  '/tls/ca.pem': `# authority\r\n${pem('CERTIFICATE').replaceAll('\n', '\r\n')}`,
  '/tls/cert.pem': pem('CERTIFICATE'),
  '/tls/key.pem': pem('PRIVATE KEY'),
  '/tls/old.pem': pem('X509 CERTIFICATE'),
  '/tls/trusted.pem': pem('TRUSTED CERTIFICATE'),
  '/tls/rsa.pem': pem('RSA PRIVATE KEY'),
  '/tls/ec.pem': pem('EC PARAMETERS') + pem('EC PRIVATE KEY'),
  '/tls/encrypted.pem': pem('ENCRYPTED PRIVATE KEY'),
  '/tls/both.pem': pem('PRIVATE KEY') + pem('CERTIFICATE'),
  '/tls/empty.pem': '',
  '/tls/der.pem': '0\u0082\u0003\u0000',
  '/tls/request.pem': pem('CERTIFICATE REQUEST'),
  '/tls/public.pem': pem('PUBLIC KEY'),
  '/tls/cut.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n',
  '/tls/cut-key.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n',
  '/tls/indented.pem': ` ${pem('CERTIFICATE')}`,
};

export const file = (path: string): Buffer => Buffer.from(FILES[path] ?? '');

/** Windows spells the paths of these files with its own separators. */
const asPosix = (path: string): string => path.replace(/^[A-Za-z]:/, '').replaceAll('\\', '/');

/** A process whose script is that of the package `shop`. */
export function source(env: Env, options: unknown = {}, place: Partial<ConfigSource> = {}): ConfigSource {
  return {
    env,
    // What JavaScript may pass, whatever the types say.
    options: options as Options,
    entry: '/srv/shop/dist/main.js',
    cwd: '/srv/app',
    readFile(path) {
      if (FILES[asPosix(path)] === undefined) throw Object.assign(new Error(), { code: 'ENOENT' });
      return file(asPosix(path));
    },
    ...place,
  };
}

export const parse = (...given: Parameters<typeof source>): ConfigResult => parseConfig(source(...given));

export function config(...given: Parameters<typeof source>): Config {
  const result = parse(...given);
  assert.deepEqual(result.ok ? [] : result.problems, []);
  assert.ok(result.ok);
  return result.config;
}

export function problems(...given: Parameters<typeof source>): readonly string[] {
  const result = parse(...given);
  return result.ok ? [] : result.problems;
}

/** `prometheus.port` and 80 are `{ prometheus: { port: 80 } }`. */
export const optionsOf = (path: string, value: unknown): object =>
  Object(path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value));
