// Express with twenty routes, /r0/:id to /r19/:id, which answer at once.
import http from 'node:http';
import express from 'express';

const app = express();
app.disable('etag');
for (let i = 0; i < 20; i++) app.get(`/r${i}/:id`, (_req, res) => res.end('.'));
const server = http.createServer(app).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
