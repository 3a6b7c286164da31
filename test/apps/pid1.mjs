// Sends itself SIGTERM twice, each time with nobody but the preload listening.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

console.log(process.pid);
const server = http.createServer((_req, res) => res.end('ok'));
server.listen(0, '127.0.0.1', async () => {
  for (let i = 0; i < 2; i++) {
    await (await fetch(`http://127.0.0.1:${server.address().port}`)).text();
    process.kill(process.pid, 'SIGTERM');
    // Longer than the flush and the pause after which a surviving process listens again.
    await pause(1500);
    console.log('alive after SIGTERM');
  }
  process.exit(0);
});
