import { Ignitor } from '@adonisjs/core';

const root = new URL('../', import.meta.url);
// AdonisJS 7 asks for adonisrc.ts.
const importer = (file) =>
  import(file.startsWith('.') ? new URL(file.replace(/ts$/, 'js'), root).href : file);

await new Ignitor(root, { importer }).httpServer().start();
console.log(`http://${process.env.HOST}:${process.env.PORT}/`);
