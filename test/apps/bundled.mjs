// Looks as if Koa were bundled into it, since it contains 'createContext' and 'middleware must be a function!', and sends
// itself a few requests.
import http from 'node:http';

const server = http
  .createServer((_req, res) => res.end('ok'))
  .listen(0, '127.0.0.1', async () => {
    const { port } = server.address();
    console.log(`http://127.0.0.1:${port}/`);
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => {
        http.get({ port, host: '127.0.0.1', agent: false }, (res) => res.resume().on('end', resolve));
      });
    }
  });
