/** What every engine measures of requests for an upgrade, and what the app sees of that: nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type Server } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { compileFunction } from 'node:vm';
import { clientOf, get, measure } from '../instruments/http/measured.ts';
import { makeCertificates } from '../receivers/certificates.ts';
import { until } from '../until.ts';
import { engineContract } from './engines.ts';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const REFUSAL = 'HTTP/1.1 401 Unauthorized\r\n\r\n';

type OnUpgrade = (request: IncomingMessage, socket: Duplex) => unknown;

/** Accepts, and closes when the client does. */
const accept: OnUpgrade = (_request, socket) =>
  socket
    .on('error', () => {})
    .resume()
    .on('end', () => socket.end())
    .write(SWITCHING);
const ordinary = () => http.createServer((_, response) => response.end('ordinary'));
const accepting = (): Server => ordinary().on('upgrade', accept);

/** Whether V8 does not keep an object as a dictionary. */
setFlagsFromString('--allow-natives-syntax');
const hasFastProperties = compileFunction('return %HasFastProperties(object)', ['object']);

const secrets = { ...makeCertificates()?.server };

engineContract('upgrades', {
  async 'have as many listeners as the app has'(start) {
    await using measured = measure(start);
    const heard: unknown[] = [];
    const onUpgrade = function (this: unknown, ...given: unknown[]) {
      heard.push(this, given.length);
      (given[1] as Socket).end(SWITCHING);
    };
    const server = ordinary().on('upgrade', onUpgrade).once('connect', accept);
    const site = await measured.serve(server);
    await site.send(get('/', ...UPGRADE)).closed;
    assert.deepEqual(heard, [server, 3]);
    assert.deepEqual(server.listeners('upgrade'), [onUpgrade]);
    assert.deepEqual([server.listenerCount('upgrade'), server.listenerCount('connect')], [1, 1]);
    server.removeListener('upgrade', onUpgrade);
    assert.equal(server.listenerCount('upgrade'), 0);
    const plain = site.send(get('/', ...UPGRADE));
    await plain.receives('ordinary');
    const tunnel = site.send('CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    await tunnel.receives('101');
    assert.equal(server.listenerCount('connect'), 0);
    tunnel.socket.destroy();
    await measured.until(3);
    assert.deepEqual(measured.outcomes(), ['/ 101', '/ 200', 'x:443 101']);
  },

  async 'count once, whichever listener is the first'(start) {
    await using measured = measure(start);
    const server = ordinary();
    const onlyFor =
      (path: string): OnUpgrade =>
      (request, socket) =>
        request.url === path && accept(request, socket);
    server.on('upgrade', onlyFor('/a'));
    const site = await measured.serve(server);
    const visit = async (path: string): Promise<void> => {
      const client = site.send(get(path, ...UPGRADE));
      await client.receives('101');
      client.socket.destroy();
      await client.closed;
    };
    await visit('/a');
    server.prependListener('upgrade', onlyFor('/b'));
    await visit('/b');
    // As some libraries put themselves before all that were there.
    const before = server.listeners('upgrade') as OnUpgrade[];
    server.removeAllListeners('upgrade').on('upgrade', (request, socket) => {
      if (request.url === '/c') accept(request, socket);
      else for (const each of before) each.call(server, request, socket);
    });
    for (const path of ['/c', '/a', '/b']) await visit(path);
    await measured.until(5);
    assert.deepEqual(measured.outcomes(), ['/a 101', '/b 101', '/c 101', '/a 101', '/b 101']);
  },

  async 'leave the socket as it was'(start) {
    await using measured = measure(start);
    const server = ordinary();
    const upgraded = once(server, 'upgrade');
    const site = await measured.serve(server);
    const client = site.send(get('/', ...UPGRADE));
    const [request, socket] = (await upgraded) as [IncomingMessage, Socket];
    accept(request, socket);
    assert.equal(Object.getPrototypeOf(socket), net.Socket.prototype);
    assert.deepEqual(
      Object.getOwnPropertyNames(socket).filter((name) => ['write', 'end'].includes(name)),
      [],
    );
    assert.equal(hasFastProperties(socket), true);
    await client.receives('101');
    client.socket.destroy();
    await measured.until(1);
  },

  async 'are requests in progress until they are answered'(start) {
    await using measured = measure(start);
    const server = ordinary();
    const site = await measured.serve(server);
    const upgraded = once(
      server.on('upgrade', () => {}),
      'upgrade',
    );
    const client = site.send(get('/', ...UPGRADE));
    const [request, socket] = (await upgraded) as [IncomingMessage, Socket];
    assert.deepEqual([measured.active(), [...measured.engine.streams()].length], [1, 0]);
    accept(request, socket);
    await client.receives('101');
    assert.deepEqual([measured.active(), [...measured.engine.streams()].length], [0, 1]);
    client.socket.destroy();
    await measured.until(1);
    assert.deepEqual([measured.active(), [...measured.engine.streams()].length], [0, 0]);
  },

  async 'are over when they are refused, though the client stays'(start) {
    await using measured = measure(start);
    const site = await measured.serve(ordinary().on('upgrade', (_, socket) => socket.end(REFUSAL)));
    const socket = net.connect({ port: site.port, host: '127.0.0.1', allowHalfOpen: true });
    const client = clientOf(socket);
    socket.write(get('/', ...UPGRADE));
    await client.receives('401');
    await measured.until(1);
    assert.deepEqual([measured.outcomes(), socket.destroyed, measured.active()], [['/ 401'], false, 0]);
    socket.destroy();
  },

  async 'that nobody answers end with the client'(start) {
    await using measured = measure(start);
    const server = ordinary().on('upgrade', (_, socket) => socket.on('end', () => socket.end()).resume());
    const site = await measured.serve(server);
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const upgraded = once(server, 'upgrade');
      const client = site.send(get('/', ...UPGRADE));
      const [, socket] = (await upgraded) as [unknown, Socket];
      const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
      client.socket[leave]();
      await closed;
    }
    assert.deepEqual(measured.outcomes(), ['/ aborted', '/ aborted']);
  },

  async 'on a socket that has lost its listeners end with the next collection'(start) {
    await using measured = measure(start);
    const server = accepting();
    const upgraded = once(server, 'upgrade');
    const site = await measured.serve(server);
    const client = site.send(get('/', ...UPGRADE));
    await client.receives('101');
    const [, socket] = (await upgraded) as [unknown, Socket];
    socket.removeAllListeners().destroy();
    await client.closed;
    assert.equal([...measured.engine.streams()].length, 1);
    measured.engine.sweep();
    assert.equal([...measured.engine.streams()].length, 0);
    assert.deepEqual(measured.outcomes(), ['/ 101']);
  },

  async 'may follow other requests on their connection, answered and not'(start) {
    await using measured = measure(start);
    const server = accepting();
    server.removeAllListeners('request').on('request', (request, response) => {
      if (request.url !== '/never') response.end('ordinary');
    });
    const site = await measured.serve(server);
    for (const first of ['/answered', '/never']) {
      const client = site.send(get(first) + get('/up', ...UPGRADE));
      await client.receives('101');
      client.socket.destroy();
      await client.closed;
    }
    await measured.until(4);
    const outcomes = ['/answered 200', '/never aborted', '/up 101', '/up 101'];
    assert.deepEqual(measured.outcomes().toSorted(), outcomes);
    assert.equal(measured.active(), 0);
  },

  async 'may come to a server that is given its connections, after a request'(start) {
    await using measured = measure(start);
    const server = accepting();
    const front = net.createServer((socket) => server.emit('connection', socket)).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const socket = net.connect((front.address() as AddressInfo).port, '127.0.0.1');
    const client = clientOf(socket);
    socket.write(get('/'));
    await client.receives('ordinary');
    socket.write(get('/', ...UPGRADE));
    await client.receives('101');
    socket.destroy();
    await measured.until(2);
    front.close();
    assert.deepEqual(measured.outcomes(), ['/ 200', '/ 101']);
  },

  async 'may come over TLS'(start) {
    await using measured = measure(start);
    const site = await measured.serve(https.createServer(secrets).on('upgrade', accept) as Server);
    const socket = tls.connect({ port: site.port, host: '127.0.0.1', rejectUnauthorized: false });
    const client = clientOf(socket);
    socket.write(get('/', ...UPGRADE));
    await client.receives('101');
    socket.destroy();
    await measured.until(1);
    assert.deepEqual(
      measured.recorded.map(({ outcome, scheme, streamKind }) => [outcome, scheme, streamKind]),
      [[101, 'https', 'websocket']],
    );
  },

  async 'are those of HTTP/1 beside HTTP/2, where a tunnel is a stream like any other'(start) {
    await using measured = measure(start);
    const server = http2.createSecureServer({ ...secrets, allowHTTP1: true });
    server.on('request', (_request, response) => response.end());
    server.on('upgrade', accept).on('connect', (_request, response) => response.writeHead(200).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const client = clientOf(socket);
    socket.write(get('/', ...UPGRADE));
    await client.receives('101');
    socket.destroy();
    await measured.until(1);
    const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    await once(session.request({ ':method': 'CONNECT', ':authority': 'x:443' }).resume(), 'close');
    await until('both are recorded', () => measured.recorded.length === 2);
    assert.deepEqual(
      measured.recorded.map(({ outcome, protocolVersion, streamKind }) => [
        ...[outcome, protocolVersion, streamKind],
      ]),
      [
        [101, '1.1', 'websocket'],
        [200, '2', 'connect'],
      ],
    );
    session.destroy();
    server.close();
  },
});
