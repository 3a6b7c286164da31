// A shop that counts and times what it does, wherever it does it.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import { count, metered, observe, tag, time } from 'routemeter';
import { db } from './db.js';

// Somebody else's server, without the preload.
const partner = fork(new URL('partner.js', import.meta.url), { execArgv: [] });
const [partnerUrl] = await once(partner, 'message');

const app = express();
app.use(express.json());

app.post('/signup', async (req, res) => {
  tag('plan', req.body.plan);
  const user = await db.insert('users', req.body);
  await welcome(user);
  res.status(201).json(user);
});

// Knows nothing of the request, and is counted and timed by its route all the same.
async function welcome(user) {
  await time('partner.welcome', async () => {
    const response = await fetch(`${partnerUrl}/welcome`, { method: 'POST', body: JSON.stringify(user) });
    if (!response.ok) throw new PartnerError(response.statusText);
  });
  count('user.signup');
}

class PartnerError extends Error {}

// Slow, because it waits.
app.get('/reports/signups', async (_req, res) => {
  const rows = await db.slow('SELECT plan, count(*) FROM users GROUP BY plan');
  observe('report.size', rows.length, { unit: '{row}' });
  res.json(rows);
});

// Slow, because it computes.
app.get('/users/:id/avatar', (req, res) => res.json({ avatar: draw(req.params.id) }));

const draw = metered(function draw(id) {
  const end = performance.now() + 200;
  let avatar = id;
  while (performance.now() < end) avatar = createHash('sha256').update(avatar).digest('hex');
  return avatar;
}, 'avatar.draw');

app.use((error, _req, res, _next) => res.status(502).json({ error: error.message }));

// A job of no request.
const expire = metered(async function expire() {
  const { length } = await db.delete('trials');
  count('trial.expired', length);
}, 'trial.expire');

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`shop: http://127.0.0.1:${server.address().port}/`);
  expire();
  setInterval(expire, 3_600_000);
});
