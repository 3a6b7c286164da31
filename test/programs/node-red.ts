import type { Program } from './program.ts';

const SETTINGS = `module.exports = {
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  credentialSecret: 'a secret',
  telemetry: { enabled: false },
};
`;

const node = (type: string, id: string, to: readonly string[], more: object): object => ({
  type,
  id,
  z: 'flow',
  x: 1,
  y: 1,
  wires: [to],
  ...more,
});

const FLOWS = [
  { id: 'flow', type: 'tab', label: 'Flow' },
  node('http in', 'asked', ['greet'], { url: '/hello/:name', method: 'get' }),
  node('function', 'greet', ['answer'], {
    func: 'msg.payload = "hello " + msg.req.params.name; return msg;',
  }),
  node('http response', 'answer', [], {}),
  node('http in', 'posted', ['made'], { url: '/things', method: 'post' }),
  node('http response', 'made', [], { statusCode: '201' }),
];

export const nodeRed: Program = {
  name: 'node-red',
  is: 'its editor and admin API on Express, and routes that flows declare',
  packages: { 'node-red': '5.0.7' },
  files: { 'settings.js': SETTINGS, 'flows.json': JSON.stringify(FLOWS) },
  directory: 'home',
  command: ({ port }) => ['node-red', '--userDir', '.', '--settings', 'settings.js', '--port', String(port)],
  ready: /Started flows/,
  varying: [
    [/^\d+ \w+ \d\d:\d\d:\d\d/gm, '<time>'],
    [/\?v=[\da-f]{12}/g, '?v=<hash>'],
  ],
  varyingHeaders: ['etag'],
  exchanges: [
    ['GET /hello/ann', 200, '/hello/:name'],
    ['GET /hello/bob', 200, '/hello/:name'],
    ['OPTIONS /hello/bob', 200, undefined],
    [{ send: 'POST /things', json: { a: 1 } }, 201, '/things'],
    ['GET /', 200, '/'],
    ['GET /settings', 200, '/settings'],
    ['GET /flows', 200, '/flows'],
    ['GET /flow/flow', 200, '/flow/:id'],
    ['GET /flow/unknown', 404, '/flow/:id'],
    ['GET /nodes', 200, '/nodes'],
    ['GET /context/global', 200, '/context/:scope(global)'],
    ['GET /context/flow/flow', 200, '/context/:scope(node|flow)/:id'],
    ['GET /vendor/vendor.js', 200, undefined],
    [{ send: 'POST /flows', json: 'not flows' }, 400, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
