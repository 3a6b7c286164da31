import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { ENGINES, get, measuredServer } from './measured-server.ts';

type Handlers = Readonly<Record<string, RequestListener>>;

const route =
  (handlers: Handlers): RequestListener =>
  (request, response) => {
    const handler = handlers[String(request.url)];
    if (handler) handler(request, response);
    else response.end(request.url);
  };

for (const [name, start] of ENGINES) {
  describe(`the ${name} engine, of pipelined requests`, () => {
    it('counts an answer that waits behind another as none', async () => {
      await using server = await measuredServer(
        start,
        route({ '/begun': (_request, response) => response.write('x'.repeat(1000)) }),
      );
      const client = await server.send(get('/begun') + get('/waits'));
      await client.receives('x');
      client.socket.destroy();
      await server.until(2);
      assert.deepEqual(server.recorded, [
        ['/begun', 200],
        ['/waits', 'aborted'],
      ]);
    });

    it('does not take the bytes of one answer for those of the next', async () => {
      await using server = await measuredServer(
        start,
        route({
          '/lost': (_request, response) => {
            response.on('socket', () => {
              response.write('x');
              response.destroy();
            });
          },
        }),
      );
      const client = await server.send(get('/first') + get('/lost'));
      await client.closed;
      await server.until(2);
      assert.match(client.received, /^HTTP\/1.1 200 OK\r\n.*\/first$/s);
      assert.deepEqual(server.recorded, [
        ['/first', 200],
        ['/lost', 'aborted'],
      ]);
    });

    it('nor those of one that is not measured', async () => {
      await using server = await measuredServer(
        start,
        route({
          '/ignored': (_request, response) => setImmediate(() => response.end('ignored')),
          '/lost': (_request, response) => {
            response.on('socket', () => {
              response.write('x');
              response.destroy();
            });
          },
        }),
      );
      const client = await server.send(get('/ignored') + get('/lost'));
      await client.closed;
      await server.until(1);
      assert.match(client.received, /ignored$/);
      assert.deepEqual(server.recorded, [['/lost', 'aborted']]);
    });
  });

  describe(`a collection, by the ${name} engine,`, () => {
    it('ends a request whose socket has lost its listeners and is closed', async () => {
      await using server = await measuredServer(
        start,
        route({
          '/silent': ({ socket }) => socket.removeAllListeners('close'),
          '/begun': ({ socket }, response) => {
            socket.removeAllListeners();
            response.write('x');
          },
        }),
      );
      for (const [path, answer] of [['/silent'], ['/begun', 'x']] as const) {
        const connected = once(server.server, 'connection');
        const client = await server.send(get(path));
        const [socket] = await connected;
        if (answer === undefined) await once(server.server, 'request');
        else await client.receives(answer);
        assert.equal(server.active(), 1);
        server.engine.sweep();
        assert.equal(server.active(), 1);
        socket.destroy();
        assert.equal(server.active(), 1);
        server.engine.sweep();
        assert.equal(server.active(), 0);
      }
      assert.deepEqual(server.recorded, [
        ['/silent', 'aborted'],
        ['/begun', 200],
      ]);
    });

    it('leaves one alone whose request is over and whose client sends no more', async () => {
      const pending: ServerResponse[] = [];
      await using server = await measuredServer(start, (request, response) => {
        request.resume().on('end', () => pending.push(response));
      });
      server.server.on('connection', () => Object.assign(server.server, { httpAllowHalfOpen: true }));
      const client = await server.send(get('/half', 'Connection: close'));
      client.socket.end();
      await once(server.server, 'request');
      while (pending.length === 0) await new Promise(setImmediate);
      server.engine.sweep();
      assert.deepEqual([server.active(), server.recorded], [1, []]);
      pending[0]?.end('late');
      await client.closed;
      assert.match(client.received, /late$/);
      assert.deepEqual(server.recorded, [['/half', 200]]);
    });

    it('finds the requests of a connection that it has already looked at', async () => {
      await using server = await measuredServer(
        start,
        route({ '/silent': ({ socket }) => socket.removeAllListeners('close') }),
      );
      const connected = once(server.server, 'connection');
      const client = await server.send(get('/'));
      await client.receives('/');
      server.engine.sweep();
      client.socket.write(get('/silent'));
      await once(server.server, 'request');
      const [socket] = await connected;
      socket.destroy();
      server.engine.sweep();
      assert.deepEqual(server.recorded.at(-1), ['/silent', 'aborted']);
      assert.equal(server.active(), 0);
    });
  });

  describe(`the ${name} engine`, () => {
    it('does not hold what is closed without telling where nobody collects', async () => {
      await using server = await measuredServer(start, () => undefined);
      const MANY = 5000;
      for (let i = 0; i < MANY; i++) {
        const socket = Object.assign(new EventEmitter(), { destroyed: true });
        const request = { url: '/', method: 'GET', httpVersion: '1.1', headers: {}, socket };
        server.engine.begin({
          request: request as unknown as IncomingMessage,
          response: { outputData: [] },
          socket,
          server: server.server,
        });
      }
      assert.ok(server.active() <= 1001, String(server.active()));
      assert.ok(server.recorded.length >= MANY - 1001);
    });

    it('measures a connection that was measured by another before', async () => {
      const listener = route({ '/hangs': () => undefined });
      await using server = await measuredServer(start, listener);
      const client = await server.send(get('/before'));
      await client.receives('/before');
      server.engine.stop();
      const again = server.restart();
      client.socket.write(get('/hangs'));
      await once(server.server, 'request');
      assert.equal(server.active(), 1);
      client.socket.destroy();
      await server.until(2);
      again.stop();
      assert.deepEqual(server.recorded, [
        ['/before', 200],
        ['/hangs', 'aborted'],
      ]);
      assert.equal(server.active(), 0);
    });
  });
}
