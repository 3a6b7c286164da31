// At /calls?times=2&url=... it requests that URL twice by node:http and twice by fetch.
import { createServer, get } from 'node:http';

const byHttp = (url) =>
  new Promise((resolve) => {
    get(url, (response) => response.resume().on('end', resolve)).on('error', resolve);
  });
const byFetch = (url) =>
  fetch(url).then(
    (response) => response.text(),
    () => undefined,
  );

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const url = searchParams.get('url');
  if (pathname === '/calls') {
    for (let i = 0; i < Number(searchParams.get('times')); i++)
      await Promise.all([byHttp(url), byFetch(url)]);
  }
  response.statusCode = pathname === '/missing' ? 404 : 200;
  response.end(JSON.stringify(request.headers));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
