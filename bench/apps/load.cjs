/**
 * The load: an exact number of requests over keep-alive connections, the next one when the last is answered.
 * It counts bytes instead of parsing, so that one core of it keeps the measured core busy. The tools that load by
 * time cut requests off at the end, and then nobody can say how many there were.
 */
const net = require('node:net');
const control = require('./control.cjs');

const OK = Buffer.from('HTTP/1.1 200');
const END_OF_HEADERS = '\r\n\r\n';

let connections = [];
let targets = [];
let left = 0;
let pending = 0;
let done;

function next(connection) {
  if (left === 0) {
    if (pending === 0) done.resolve();
    return;
  }
  left -= 1;
  pending += 1;
  connection.turn = (connection.turn + 1) % targets.length;
  connection.received = 0;
  connection.socket.write(targets[connection.turn].request);
}

function receive(connection, size, buffer) {
  const target = targets[connection.turn];
  if (connection.received === 0 && OK.compare(buffer, 0, OK.length) !== 0) {
    done.reject(new Error(`not answered with 200: ${buffer.toString('latin1', 0, 80)}`));
    return;
  }
  connection.received += size;
  if (connection.received > target.size) {
    done.reject(new Error(`a response of ${connection.received} bytes where ${target.size} were expected`));
  } else if (connection.received === target.size) {
    pending -= 1;
    next(connection);
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
  /** Connects; gives the number of requests that this took. */
  async connect({ port, paths, count }) {
    targets = [];
    for (const path of paths) {
      const request = Buffer.from(
        `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nuser-agent: bench\r\naccept: */*\r\n\r\n`,
      );
      targets.push({ request, size: await learn(port, request) });
    }
    connections = await Promise.all(Array.from({ length: count }, () => connect(port)));
    connections.forEach((connection, index) => {
      connection.turn = index % targets.length;
    });
    return paths.length;
  },
  /** Sends that many requests; resolves when each is answered in full. */
  async send(requests) {
    done = Promise.withResolvers();
    left = requests;
    for (const connection of connections) next(connection);
    await done.promise;
    done = undefined;
  },
});
