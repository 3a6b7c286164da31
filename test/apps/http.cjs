const http = require('node:http');

const server = http.createServer((_req, res) => res.end('hello\n'));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
