/**
 * The load: an exact number of requests over keep-alive connections, the next one when the last is answered, or at a
 * given rate.
 * It counts bytes instead of parsing, so that one core of it keeps the measured core busy. The tools that load by
 * time cut requests off at the end, so that their number is unknown.
 */
const net = require('node:net');
const control = require('./control.cjs');

const END_OF_HEADERS = '\r\n\r\n';
/** Stands in a header for the time at which a turn begins, in milliseconds since 1970. */
const NOW = '{now}';

let connections = [];
/** What there is to ask for, by its entry. */
let learned = new Map();
/** In the order in which a connection asks for them. */
let targets = [];
let left = 0;
let pending = 0;
let done;
/** What a connection does after a response. */
let answered = next;
/** How many requests were paced, so that one follows the other's target. */
let turn = 0;

function next(connection) {
  if (left === 0) {
    if (pending === 0) done.resolve();
    return;
  }
  left -= 1;
  pending += 1;
  connection.turn = (connection.turn + 1) % targets.length;
  write(connection);
}

function write(connection) {
  const target = targets[connection.turn];
  target.sent += 1;
  connection.received = 0;
  connection.socket.write(target.request);
}

function receive(connection, size, buffer) {
  const target = targets[connection.turn];
  if (connection.received === 0 && target.status.compare(buffer, 0, target.status.length) !== 0) {
    done.reject(new Error(`not ${target.status}: ${buffer.toString('latin1', 0, 80)}`));
    return;
  }
  connection.received += size;
  if (connection.received > target.size) {
    done.reject(new Error(`a response of ${connection.received} bytes where ${target.size} were expected`));
  } else if (connection.received === target.size) {
    pending -= 1;
    answered(connection);
  }
}

function connect(port) {
  return new Promise((resolve, reject) => {
    const connection = { socket: undefined, turn: 0, received: 0 };
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(16384),
        callback: (size, buffer) => {
          receive(connection, size, buffer);
          return true;
        },
      },
    });
    connection.socket = socket;
    socket.once('connect', () => resolve(connection));
    socket.on('error', (error) => {
      reject(error);
      done?.reject(error);
    });
    socket.on('close', () => done?.reject(new Error('the server closed a connection')));
  });
}

/** What is sent for a path, and where in it the time has to be written; undefined if nowhere. */
function requestTo(path, host, headers) {
  const lines = Object.entries({ host, 'user-agent': 'bench', accept: '*/*', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const [before, after] = `GET ${path} HTTP/1.1\r\n${head}\r\n`.split(NOW);
  if (after === undefined) return { request: Buffer.from(before), stamp: undefined };
  return { request: Buffer.from(before + Date.now() + after), stamp: before.length };
}

/** The size of the whole response to one request; this request counts too. */
function learn(port, request) {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
    socket.setEncoding('latin1').on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk;
      const head = text.indexOf(END_OF_HEADERS);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (head >= 0 && text.length === head + END_OF_HEADERS.length + length) {
        socket.end();
        resolve(text.length);
      }
    });
  });
}

control({
  /**
   * Connects; gives the number of requests that this took. A path may be there several times, and with a status
   * other than 200: `/users/0 404`.
   */
  async connect({ port, paths, count, headers = {} }) {
    learned = new Map();
    for (const entry of new Set(paths)) {
      const [path, status = '200'] = entry.split(' ');
      const { request, stamp } = requestTo(path, `127.0.0.1:${port}`, headers);
      learned.set(entry, {
        request,
        stamp,
        status: Buffer.from(`HTTP/1.1 ${status}`),
        size: await learn(port, request),
        sent: 1,
      });
    }
    targets = paths.map((entry) => learned.get(entry));
    connections = await Promise.all(Array.from({ length: count }, () => connect(port)));
    connections.forEach((connection, index) => {
      connection.turn = index % targets.length;
    });
    return learned.size;
  },
  /** How many requests it has sent so far, for each of the paths. */
  sent: () => Object.fromEntries([...learned].map(([entry, { sent }]) => [entry, sent])),
  /** Sends that many requests; resolves when each is answered in full. */
  async send(requests) {
    done = Promise.withResolvers();
    answered = next;
    left = requests;
    for (const { request, stamp } of targets)
      if (stamp !== undefined) request.write(String(Date.now()), stamp);
    for (const connection of connections) next(connection);
    await done.promise;
    done = undefined;
  },
  /**
   * Sends that many requests, `rate` a second, whether those before are answered or not; resolves when each is
   * answered in full. Gives how many of them had to wait for a connection.
   */
  async pace({ rate, requests }) {
    done = Promise.withResolvers();
    const idle = [...connections];
    const start = performance.now();
    let sent = 0;
    let waiting = 0;
    let late = 0;
    const send = (connection) => {
      connection.turn = turn++ % targets.length;
      pending += 1;
      write(connection);
    };
    answered = (connection) => {
      if (waiting > 0) {
        waiting -= 1;
        send(connection);
      } else idle.push(connection);
      if (sent === requests && pending === 0) done.resolve();
    };
    const timer = setInterval(() => {
      const due = Math.min(requests, Math.floor(((performance.now() - start) / 1000) * rate));
      for (; sent < due; sent++) {
        const connection = idle.pop();
        if (connection) send(connection);
        else {
          waiting += 1;
          late += 1;
        }
      }
      if (sent === requests) clearInterval(timer);
    }, 1);
    await done.promise.finally(() => clearInterval(timer));
    done = undefined;
    return late;
  },
});
