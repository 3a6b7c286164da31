import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The paths of both, as long as the tests run. */
  readonly files: { readonly CERT: string; readonly KEY: string };
}

export interface Certificates {
  /** Of the authority that has signed the others. */
  readonly ca: Buffer;
  readonly server: Pair;
  readonly client: Pair;
}

/** For a server that is called localhost, made by the openssl command; undefined where there is none. */
export function makeCertificates(): Certificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'routemeter-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const pair = (name: string) => ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  const openssl = (...args: string[]) =>
    execFileSync('openssl', ['req', '-x509', ...key, ...args], { stdio: 'ignore' });
  try {
    openssl(...pair('ca'), '-subj', '/CN=ca');
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return undefined;
    throw error;
  }
  const issue = (name: string, ...args: string[]) => {
    openssl(...pair(name), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-subj', `/CN=${name}`, ...args);
    const files = { CERT: file(`${name}.crt`), KEY: file(`${name}.key`) };
    return { cert: readFileSync(files.CERT), key: readFileSync(files.KEY), files };
  };
  const server = issue('server', '-addext', 'subjectAltName=DNS:localhost');
  const client = issue('client');
  return { ca: readFileSync(file('ca.crt')), server, client };
}
