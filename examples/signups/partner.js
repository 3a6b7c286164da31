// Sends a welcome, or is out of order for users whose name is Nobody.
import { createServer } from 'node:http';

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  setTimeout(() => response.writeHead(JSON.parse(body).name === 'Nobody' ? 503 : 202).end(), 30);
});
server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on('disconnect', () => process.exit());
