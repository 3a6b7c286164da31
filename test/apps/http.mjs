// Bare node:http; PROTOCOL=https for TLS with the key and certificate of KEY and CERT.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const handler = (req, res) => {
  const pathname = req.url.split('?')[0];
  if (pathname.startsWith('/status/')) {
    res.statusCode = Number(pathname.slice(8));
    return res.end('status\n');
  }
  if (pathname === '/hang') return undefined;
  if (pathname === '/half') return res.write('half');
  if (pathname === '/reset') return req.socket.end() && req.socket.resetAndDestroy();
  res.end('hello\n');
};
const server =
  process.env.PROTOCOL === 'https'
    ? https.createServer(
        { key: readFileSync(process.env.KEY), cert: readFileSync(process.env.CERT) },
        handler,
      )
    : http.createServer(handler);
server.listen(0, '127.0.0.1', () => {
  console.log(`${process.env.PROTOCOL ?? 'http'}://127.0.0.1:${server.address().port}/`);
});
