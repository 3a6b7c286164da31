import { Ignitor } from '@adonisjs/core';

const ROOT = new URL('../', import.meta.url);
const IMPORTER = (path) =>
  import(path.startsWith('.') ? new URL(path.replace(/ts$/, 'js'), ROOT).href : path);

await new Ignitor(ROOT, { importer: IMPORTER })
  .tap((app) => {
    app.listen('SIGTERM', () => app.terminate());
    app.listenIf(app.managedByPm2, 'SIGINT', () => app.terminate());
  })
  .httpServer()
  .start();
