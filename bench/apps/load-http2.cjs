/**
 * The load over HTTP/2, without TLS: an exact number of requests, the next one on a stream of the same session when the
 * last is answered. As `load.cjs` it checks the status and the length of each response.
 */
const http2 = require('node:http2');
const control = require('./control.cjs');

/** Streams that a session has open at the same time; sessions are connections. */
const STREAMS = 8;

let sessions = [];
/** In the order in which the streams ask for them. */
let targets = [];
let left = 0;
let pending = 0;
let done;

function next(slot) {
  if (left === 0) {
    if (pending === 0) done.resolve();
    return;
  }
  left -= 1;
  pending += 1;
  slot.turn = (slot.turn + 1) % targets.length;
  const target = targets[slot.turn];
  target.sent += 1;
  ask(slot.session, target.path).then((answer) => {
    if (answer.status !== target.status || answer.size !== target.size) {
      const { status, size } = answer;
      done.reject(new Error(`${target.path}: status ${status} and ${size} bytes`));
      return;
    }
    pending -= 1;
    next(slot);
  }, done.reject);
}

function ask(session, path) {
  return new Promise((resolve, reject) => {
    let status;
    let size = 0;
    const stream = session.request({ ':path': path, 'user-agent': 'bench', accept: '*/*' });
    stream.on('response', (headers) => {
      status = headers[':status'];
    });
    stream.on('data', (chunk) => {
      size += chunk.length;
    });
    stream.on('error', reject);
    stream.on('close', () => resolve({ status, size }));
  });
}

function connect(port) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${port}`, () => resolve(session));
    session.on('error', (error) => {
      reject(error);
      done?.reject(error);
    });
  });
}

control({
  /** Connects; gives the number of requests that this took. Every path is answered with 200. */
  async connect({ port, paths, count }) {
    sessions = await Promise.all(Array.from({ length: Math.ceil(count / STREAMS) }, () => connect(port)));
    targets = await Promise.all(
      paths.map(async (path) => {
        const { status, size } = await ask(sessions[0], path);
        if (status !== 200 || size === 0) throw new Error(`${path}: status ${status} and ${size} bytes`);
        return { path, status, size, sent: 1 };
      }),
    );
    return targets.length;
  },
  /** How many requests it has sent so far, for each of the paths. */
  sent: () => Object.fromEntries(targets.map(({ path, sent }) => [path, sent])),
  /** Sends that many requests; resolves when each is answered in full. */
  async send(requests) {
    done = Promise.withResolvers();
    left = requests;
    for (const session of sessions) {
      for (let turn = 0; turn < STREAMS; turn++) next({ session, turn });
    }
    await done.promise;
    done = undefined;
  },
});
