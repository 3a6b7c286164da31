const express = require('express');
const next = require('next');

const port = Number(process.env.PORT);
const hostname = process.env.HOST;
const app = next({ dev: false, port, hostname });
app.prepare().then(() => {
  const handle = app.getRequestHandler();
  express()
    .all(process.env.EVERYTHING ?? '/{*path}', (request, response) => handle(request, response))
    .listen(port, hostname, () => console.log(`http://${hostname}:${port}/`));
});
