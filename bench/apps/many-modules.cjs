/** Loads the modules of the folder that is its argument, then listens; prints when either was done and what it had cost. */
const http = require('node:http');
const { writeSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

async function start() {
  const folder = process.argv[2];
  require(join(folder, 'cjs.cjs'));
  await import(pathToFileURL(join(folder, 'esm.mjs')).href);
  const loadedAt = String(process.hrtime.bigint());
  const cpu = process.cpuUsage();
  http
    .createServer((_request, response) => response.end())
    .listen(0, '127.0.0.1', () => {
      const listeningAt = String(process.hrtime.bigint());
      writeSync(1, JSON.stringify({ loadedAt, listeningAt, modules: globalThis.loadedModules, cpu }));
    });
}

start();
