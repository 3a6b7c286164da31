// Answers requests over HTTP/1 and HTTP/2, and tells how much memory it uses.
import http from 'node:http';
import http2 from 'node:http2';

const answer = (req, res) => {
  const known = /^\/users\/\d+$/.test(req.url);
  res.statusCode = known ? 200 : 404;
  res.setHeader('date', 'none');
  req.resume().on('end', () => res.end(known ? 'user' : `${req.method} ${req.url.length}`));
};
const times = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 };
const web = http.createServer(times, answer).listen(0, '127.0.0.1', () => {
  const web2 = http2.createServer(answer).listen(0, '127.0.0.1', () => {
    web2.on('sessionError', () => {});
    console.log(`http://127.0.0.1:${web.address().port}/ ${web2.address().port}`);
  });
});
process.on('message', () => {
  globalThis.gc();
  process.send(process.memoryUsage().heapUsed);
});
