import type { Program } from './program.ts';

export const httpServer: Program = {
  name: 'http-server',
  is: 'files of a folder, without a framework',
  packages: { 'http-server': '14.1.1' },
  files: { 'public/index.html': '<p>home</p>', 'public/notes/a.txt': 'a' },
  directory: 'home',
  command: ({ port }) => ['http-server', '-a', '127.0.0.1', '-p', String(port), '--cors'],
  varying: [
    [/\[\d{4}-[^\]]+\]/g, '[<time>]'],
    [/"\d+-\d+-[^"]+"/g, '<etag>'],
    [/\d\d-\w{3}-\d{4} \d\d:\d\d/g, '<time>'],
  ],
  logged: (output) => output.includes('/nothing'),
  exchanges: [
    ['GET /', 200, undefined],
    ['GET /notes', 302, undefined],
    ['GET /notes/', 200, undefined],
    ['GET /notes/a.txt', 200, undefined],
    [{ send: 'GET /notes/a.txt', headers: { range: 'bytes=0-0' } }, 206, undefined],
    ['HEAD /notes/a.txt', 200, undefined],
    ['OPTIONS /notes/a.txt', 405, undefined],
    ['POST /', 405, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
