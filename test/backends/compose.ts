import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { read } from '../docs/pages.ts';

export interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export const { services } = parse(read('docker-compose.yml')) as {
  services: Readonly<Record<string, Service>>;
};
export const service = (name: string): Service =>
  services[name] ?? assert.fail(`there is no service ${name}`);

/** What a service mounts of the repository, by its path in the container. */
export const mounts = (name: string): Record<string, string> =>
  Object.fromEntries(
    (service(name).volumes ?? [])
      .map((volume) => volume.split(':'))
      .flatMap(([source = '', target = '']) => (source.startsWith('./') ? [[target, source]] : [])),
  );

export const healthUrls = (name: string): string[] =>
  service(name).healthcheck?.test.filter((part) => part.startsWith('http')) ?? [];
