/**
 * Takes a library that accepts WebSockets through what is promised of upgrades, as a user has it: the real package, its
 * app as a process of its own, the preload, and scrapes while connections are open and when they are closed.
 */
import assert from 'node:assert/strict';
import { copyFileSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { install, type Packages } from '../../../scripts/pinned/install.ts';
import { HTTP_ENGINES, type HttpEngine } from '../../../src/config/types.ts';
import { AppProcess, samples } from '../../app-process.ts';
import { countsOf } from '../../programs/counts.ts';
import { CACHE } from '../installed.ts';
import { placeOwnPackage } from '../own-package.ts';
import { ask, type Client, frame } from './client.ts';
import { type Asked, type Library, titleOf } from './library.ts';

const PRELOAD = new URL('../../../dist/register.js', import.meta.url).href;
const APPS = join(import.meta.dirname, 'apps');

/** Where a version is installed, with the apps beside it. */
async function place(packages: Packages): Promise<string> {
  const title = Object.entries(packages).flat().join('-');
  const folder = join(CACHE, 'websockets', title.replaceAll(/[^\w.-]+/g, '-'));
  await install(folder, packages);
  placeOwnPackage(folder);
  for (const file of globSync('*.mjs', { cwd: APPS })) copyFileSync(join(APPS, file), join(folder, file));
  return folder;
}

export interface Way {
  /** Behind the title of the library. */
  readonly title?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function describeLibrary(library: Library, { title = '', env = {} }: Way = {}): void {
  for (const packages of library.versions) {
    for (const engine of HTTP_ENGINES) {
      describe(`${library.name}${title}: ${titleOf(packages)}, by the ${engine} engine`, () =>
        takeThrough(library, packages, engine, env));
    }
  }
}

type Counts = Readonly<Record<string, number>>;

/** Streams in progress, by `route kind`. */
function openStreams(exposition: string): Counts {
  const label = (labels: string, name: string) => labels.match(new RegExp(`${name}="([^"]*)"`))?.[1] ?? '-';
  return Object.fromEntries(
    Object.entries(samples(exposition, 'http_server_active_streams'))
      .filter(([, count]) => count !== 0)
      .map(([labels, count]) => [
        `${label(labels, 'http_route')} ${label(labels, 'http_stream_kind')}`,
        count,
      ]),
  );
}

/** What the app has counted, by route. */
function countedIn(exposition: string, name: string, route = ''): number {
  const found = Object.entries(samples(exposition, name)).filter(
    ([labels]) => (labels.match(/http_route="([^"]*)"/)?.[1] ?? '') === route,
  );
  return found.reduce((sum, [, count]) => sum + count, 0);
}

async function exchange(client: Client, said: string, heard: string): Promise<void> {
  client.socket.write(frame(said));
  await client.receives(heard);
  assert.ok(client.received.includes(heard), client.received);
}

function takeThrough(library: Library, packages: Packages, engine: HttpEngine, env: Way['env']): void {
  const { talk = { said: (text: string) => text }, isSeen, accepted, refused, ignored = {} } = library;
  let folder = '';
  let app: AppProcess;
  let counts: Counts = {};
  const start = (flags: readonly string[]): AppProcess =>
    new AppProcess(join(folder, library.app), {
      flags,
      cwd: folder,
      env: {
        ...library.env,
        ...env,
        ROUTEMETER_HTTP_ENGINE: engine,
        ROUTEMETER_TAGS: 'plan=free,pro',
      },
    });
  before(async () => {
    folder = await place(packages);
    app = start(['--import', PRELOAD]);
    await app.url();
  });
  after(() => app.end());

  /** Waits for something to be counted, once more in case it is twice, and compares. */
  const expectCounts = async (expected: Counts): Promise<void> => {
    const added = (exposition: string): Counts =>
      Object.fromEntries(
        Object.entries(countsOf(exposition))
          .map(([key, count]) => [key, count - (counts[key] ?? 0)] as const)
          .filter(([, count]) => count !== 0),
      );
    await app.scrapeUntil((exposition) => Object.keys(added(exposition)).length > 0);
    const exposition = await app.scrape();
    assert.deepEqual(added(exposition), expected);
    counts = countsOf(exposition);
  };

  /** A connection to a room, by a client who has said something and heard the answer. */
  const enter = async ({ path, headers }: Pick<Asked, 'path' | 'headers'>): Promise<Client> => {
    const { status, client } = await ask(await app.url(), path, headers);
    assert.equal(status, 101);
    if (talk.hello !== undefined) await exchange(client, ...talk.hello);
    await exchange(client, talk.said('upgrade'), 'upgrade, too');
    return client;
  };

  const ends: Readonly<Record<string, (client: Client) => unknown>> = {
    'whose client leaves': ({ socket }) => socket.destroy(),
    'whose client resets the connection': ({ reset }) => reset(),
    'that the app terminates': ({ socket }) => socket.write(frame(talk.said('end'))),
  };

  for (const [what, asked] of Object.entries(accepted)) {
    for (const [how, end] of Object.entries(ends)) {
      it(`is one stream, by its route: ${what}, ${how}`, async () => {
        const client = await enter(asked);
        end(client);
        await client.closed;
        await expectCounts({ [`GET ${asked.route ?? '-'} 101 websocket`]: 1 });
        assert.deepEqual(openStreams(await app.scrape()), {});
      });
    }

    it(`is a stream in progress as long as it lasts: ${what}`, async () => {
      const clients = [await enter(asked), await enter(asked)];
      const open = `${asked.route ?? '-'} websocket`;
      assert.deepEqual(openStreams(await app.scrape()), { [open]: 2 });
      for (const [index, client] of clients.entries()) {
        client.socket.destroy();
        await expectCounts({ [`GET ${asked.route ?? '-'} 101 websocket`]: 1 });
        assert.deepEqual(openStreams(await app.scrape()), index === 0 ? { [open]: 1 } : {});
      }
    });

    it(`has what its code counts, also while it lasts: ${what}`, async () => {
      const seen = (exposition: string) => ({
        joined: countedIn(exposition, 'room_joined_total', asked.route),
        messages: countedIn(exposition, 'message_seen_total', asked.route),
        observed: countedIn(exposition, 'message_size_bytes_count', asked.route),
      });
      const before = seen(await app.scrape());
      const client = await enter(asked);
      const during = await app.scrape();
      assert.deepEqual(seen(during), {
        joined: before.joined + 1,
        messages: before.messages + 1,
        observed: before.observed + 1,
      });
      assert.match(during, /^message_seen_total\{.*plan="pro".*\} /m);
      await exchange(client, talk.said('more'), 'more, too');
      assert.equal(seen(await app.scrape()).messages, before.messages + 2);
      client.socket.destroy();
      await expectCounts({ [`GET ${asked.route ?? '-'} 101 websocket`]: 1 });
      assert.equal(seen(await app.scrape()).messages, before.messages + 2);
    });
  }

  it('is refused as without the preload', async () => {
    const alone = start([]);
    for (const [what, { path, headers, status }] of Object.entries(refused)) {
      const answer = await ask(await alone.url(), path, headers);
      await answer.client.closed;
      assert.equal(answer.status, status, what);
    }
    await alone.end();
  });

  for (const [what, { path, headers, status, route = '-', errorType }] of Object.entries(refused)) {
    it(`is one request, with what was answered: ${what}`, async () => {
      const answer = await ask(await app.url(), path, headers);
      await answer.client.closed;
      assert.equal(answer.status, status);
      await expectCounts({ [`GET ${route} ${status ?? '-'}`]: 1 });
      if (errorType !== undefined) assert.match(await app.scrape(), new RegExp(`error_type="${errorType}"`));
      assert.deepEqual(openStreams(await app.scrape()), {});
    });
  }

  for (const [what, { path, headers }] of Object.entries(ignored)) {
    it(`is left out if the app says so: ${what}`, async () => {
      const { status, client } = await ask(await app.url(), path, headers);
      await client.closed;
      assert.equal(status, 101);
      const after = await ask(await app.url(), '/nothing');
      await after.client.closed;
      await expectCounts({ 'GET - 404': 1 });
    });
  }

  it(`logs nothing but the line at the start${isSeen ? ', which reads "per route"' : ''}`, async () => {
    const [line] = await app.line('stderr', /^routemeter: measuring .*/);
    if (isSeen) assert.match(line, /per route/);
    assert.deepEqual(app.stderr, [line]);
  });
}
