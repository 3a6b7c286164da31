// Connects, and when it is told to, sends requests at random moments, whether or not others are answered. Adds up how
// long they take.
import { once } from 'node:events';
import { Agent, get } from 'node:http';

const [base, seed, seconds] = process.argv.slice(2);
const CONNECTIONS = 200;
const PER_SECOND = 100;
/** What is not even in part blocked. */
const QUICK_MILLIS = 10;
const SHARES = { '/block': 0.004, '/later': 0.3, '/fast': 1 };

let state = Number(seed);
/** Mulberry32. */
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

const agent = new Agent({ keepAlive: true, maxFreeSockets: CONNECTIONS });
const connect = () =>
  new Promise((resolve) =>
    get(`${base}/fast`, { agent }, (response) => response.resume().on('end', resolve)),
  );
await Promise.all(Array.from({ length: CONNECTIONS }, connect));
console.log('connected');
await once(process, 'message');
process.disconnect();

const times = [];
let open = 0;
let isOver = false;
const finish = () => {
  if (!isOver || open > 0) return;
  agent.destroy();
  console.log(`${times.length} requests took ${times.reduce((sum, one) => sum + one, 0) / 1000} s`);
};

const send = () => {
  const drawn = random();
  const [path] = Object.entries(SHARES).find(([, share]) => drawn < share);
  const start = performance.now();
  open++;
  get(base + path, { agent }, (response) =>
    response.resume().on('end', () => {
      const took = performance.now() - start;
      times.push(took);
      open--;
      isOver ||= start > end && took < QUICK_MILLIS;
      finish();
    }),
  );
};

let due = performance.now();
/** Sending ends at the first quick answer after it: in the middle of a block, what was sent would be the early half. */
const end = due + 1000 * Number(seconds);
const next = () => {
  if (isOver) return finish();
  while (due <= performance.now()) {
    send();
    due += (-1000 * Math.log(1 - random())) / PER_SECOND;
  }
  setTimeout(next, Math.max(0, due - performance.now()));
};
next();
