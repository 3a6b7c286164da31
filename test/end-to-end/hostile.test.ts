/**
 * Traffic of scanners and worse, each answered as it is without the preload. A second for `npm test`; 200,000 requests by
 * each engine in the long run.
 */
import assert from 'node:assert/strict';
import http2, { constants } from 'node:http2';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, REGISTER, samples } from '../app-process.ts';
import { LONG, SEED } from '../length.ts';
import { until } from '../until.ts';

const REQUESTS = LONG ? 200_000 : 2_000;
const PER_CONNECTION = 20;
const AT_ONCE = 32;
/** As long as a busy machine needs. */
const LIMIT_MILLIS = 900_000;
/** Bytes by which the heap may have grown after that many requests. */
const GROWTH = 3_000_000;

/** https://en.wikipedia.org/wiki/Linear_congruential_generator with the numbers of Numerical Recipes. */
function generator(seed: number) {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return { next, pick: <T>(of: readonly [T, ...T[]]): T => of[next(of.length)] ?? of[0] };
}
type Random = ReturnType<typeof generator>;

const SCANNED = [
  ...['/.env', '/wp-login.php', '/.git/config', '/cgi-bin/%2e%2e/%2e%2e/etc/passwd', '//', '/%00', '/%zz'],
  ...['/users', '/users/', '/users/1/', '/users/1%2f2', '/users/x?y=/users/1', '/USERS/1', '/ünïcode'],
] as const;
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PROPFIND',
  'PURGE',
  'MKCOL',
  'OPTIONS',
  'TRACE',
  'QUERY',
] as const;

const path = (random: Random): string =>
  random.pick([
    () => random.pick([...SCANNED]),
    () => `/users/${random.next(1e6)}`,
    () => `/${random.next(1e9).toString(36)}/${random.next(1e9).toString(36)}`,
    () => `/${'a/'.repeat(random.next(2000))}`,
  ])();

/** A whole request, after which the connection goes on. */
function request(random: Random): string {
  const headers = Array.from({ length: random.next(30) }, (_, i) => `X-${i}: ${'v'.repeat(random.next(50))}`);
  const line = `${random.pick([...METHODS])} ${path(random)} HTTP/1.1`;
  const body = random.next(4) === 0 ? 'x'.repeat(random.next(2000)) : '';
  return [line, 'Host: x', ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n');
}

/** What ends a connection: Node.js rejects it, or the client asks for it. */
const endings: readonly [(random: Random) => string, ...((random: Random) => string)[]] = [
  () => 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  () => 'nonsense\r\n\r\n',
  () => 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
  () => 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  () => 'GET / HTTP/1.1\r\n\r\n',
  (random) => `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000 + random.next(9000))}\r\n\r\n`,
  () => `GET / HTTP/3.7\r\nHost: x\r\n\r\n`,
  () => 'GET /a b c HTTP/1.1\r\nHost: x\r\n\r\n',
];

interface Conversation {
  readonly requests: readonly string[];
  readonly ending: string;
  /** The client breaks the connection instead of the ending. */
  readonly breaks: boolean;
}

function conversation(random: Random): Conversation {
  const breaks = random.next(10) === 0;
  const requests = Array.from({ length: PER_CONNECTION - 1 }, () => request(random));
  return {
    requests: breaks ? ['GET /broken HTTP/1.1\r\nHost: x\r\n\r\n'] : requests,
    ending: random.pick(endings)(random),
    breaks,
  };
}

/** What the client gets: each request waits for an answer, the ending for the end of the connection. */
async function talk(port: number, { requests, ending, breaks }: Conversation): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  let isClosed = false;
  let wake = (): void => {};
  const news = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  socket.on('error', () => {});
  socket.setEncoding('latin1').on('data', (data) => {
    received += data;
    wake();
  });
  socket.on('close', () => {
    isClosed = true;
    wake();
  });

  if (breaks) socket.write(requests.join(''), () => socket.resetAndDestroy());
  for (const each of breaks ? [] : requests) {
    const before = received.length;
    // As a slow client sends it.
    const half = before % 7 === 0 ? Math.min(40, each.length) : each.length;
    socket.write(each.slice(0, half));
    if (half < each.length) setImmediate(() => socket.write(each.slice(half)));
    while (!isClosed && !received.includes('\r\n\r\n', before)) await news();
  }
  if (!breaks) socket.write(ending);
  while (!isClosed) await news();
  // Node.js dates the answers that are its own.
  return breaks ? 'broken' : received.replaceAll(/Date: [^\r]+/g, 'Date:');
}

async function inParallel<T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) results[i] = await run(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Opens streams and resets them at once: https://www.cve.org/CVERecord?id=CVE-2023-44487 */
async function resetRapidly(port: number, streams: number): Promise<void> {
  const client = http2.connect(`http://127.0.0.1:${port}`);
  client.on('error', () => {});
  const closed = new Promise((resolve) => client.once('close', resolve));
  // Node.js ends a connection that goes too far.
  for (let i = 0; i < streams && !client.closed && !client.destroyed; i++) {
    const stream = client.request({ ':path': `/rapid/${i}` });
    stream.on('error', () => {});
    stream.close(constants.NGHTTP2_CANCEL);
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  client.destroy();
  await closed;
}

const users = (received: string): number => received.split('\r\n\r\nuser').length - 1;

const LABELS: Readonly<Record<string, RegExp>> = {
  http_request_method: /^([A-Z]+|_OTHER)$/,
  http_route: /^\/users\/:id$/,
  http_response_status_code: /^(200|400|404|408|431|505)$/,
  error_type: /^(505|aborted|destroyed|malformed|timeout|refused)$/,
  url_scheme: /^http$/,
};

function start(flags: readonly string[], engine: string): AppProcess {
  return new AppProcess('hostile.mjs', {
    flags: ['--expose-gc', ...flags],
    env: { ROUTEMETER_ROUTES: '/users/:id', ROUTEMETER_HTTP_ENGINE: engine },
  });
}

const portsOf = async (app: AppProcess): Promise<{ http1: number; http2: number }> => {
  const [, port, second] = await app.line('stdout', /:(\d+)\/ (\d+)/);
  return { http1: Number(port), http2: Number(second) };
};

describe('hostile traffic', () => {
  for (const engine of ['lean', 'otel']) {
    it(`is answered as without the preload, and leaves nothing behind, by the ${engine} engine`, {
      timeout: LIMIT_MILLIS,
    }, async (test) => {
      test.diagnostic(`TEST_SEED=${SEED}`);
      const bare = start([], engine);
      const measured = start(['--import', REGISTER], engine);
      const [expectedAt, at] = await Promise.all([bare, measured].map(portsOf));
      assert.ok(expectedAt !== undefined && at !== undefined);
      const random = generator(SEED);
      const conversations = Array.from({ length: REQUESTS / PER_CONNECTION }, () => conversation(random));
      const ask = (port: number, from: number, to: number): Promise<string[]> =>
        inParallel(to - from, (i) => talk(port, conversations[from + i] ?? assert.fail()));

      const warm = Math.min(500, conversations.length / 4);
      const answers = await ask(at.http1, 0, warm);
      await resetRapidly(at.http2, 500);
      const heapBefore = Number(await measured.ask('heap'));
      answers.push(...(await ask(at.http1, warm, conversations.length)));
      await resetRapidly(at.http2, REQUESTS / 20);
      const heapAfter = Number(await measured.ask('heap'));
      assert.ok(heapAfter - heapBefore < GROWTH, `the heap has grown by ${heapAfter - heapBefore} bytes`);

      const expected = await ask(expectedAt.http1, 0, conversations.length);
      const different = answers.flatMap((answer, i) => (answer === expected[i] ? [] : [i]));
      const [first = 0] = different;
      assert.deepEqual(
        different.length,
        0,
        `${different.length} differ, as ${first}: ${conversations[first]?.ending.slice(0, 60)}\n${answers[first]?.slice(-300)}\n-- without the preload:\n${expected[first]?.slice(-300)}`,
      );

      const exposition = await until('all are over', async () => {
        const text = await measured.scrape();
        const active = Object.values(samples(text, 'http_server_active_requests'));
        return active.every((count) => count === 0) && text;
      });
      let counted = 0;
      for (const [labels, count] of Object.entries(
        samples(exposition, 'http_server_request_duration_seconds_count'),
      )) {
        for (const [, name = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
          assert.match(value, LABELS[name] ?? /^$/, labels);
        }
        if (labels.includes('http_route') && labels.includes('="200"'))
          counted += labels.includes('"HEAD"') ? 0 : count;
      }
      assert.equal(
        counted,
        answers.reduce((sum, answer) => sum + users(answer), 0),
      );
      assert.equal(measured.stderr.length, 1, measured.stderr.join('\n'));
      await Promise.all([bare.end(), measured.end()]);
    });
  }
});
