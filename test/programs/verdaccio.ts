import { createHash } from 'node:crypto';
import type { Answer, Program, Sent } from './program.ts';

const CONFIG = `
storage: ./storage
auth:
  htpasswd:
    file: ./htpasswd
packages:
  '**':
    access: $all
    publish: $authenticated
    unpublish: $authenticated
log:
  type: stdout
  format: pretty
  level: http
`;

const TARBALL = Buffer.from('as if it were packed');

/** What `npm publish` sends. */
const PUBLISHED = {
  _id: '@scope/one',
  name: '@scope/one',
  'dist-tags': { latest: '1.0.0' },
  versions: {
    '1.0.0': {
      name: '@scope/one',
      version: '1.0.0',
      readme: '# one',
      dist: {
        shasum: createHash('sha1').update(TARBALL).digest('hex'),
        tarball: 'http://127.0.0.1/@scope/one/-/one-1.0.0.tgz',
      },
    },
  },
  _attachments: {
    'one-1.0.0.tgz': {
      content_type: 'application/octet-stream',
      data: TARBALL.toString('base64'),
      length: TARBALL.length,
    },
  },
};

/** As the user who has signed up before. */
const signedIn =
  (sent: Sent) =>
  (earlier: readonly Answer[]): Sent => {
    const { token } = JSON.parse(earlier[SIGNED_UP]?.body ?? '') as { token: string };
    return { ...sent, headers: { authorization: `Bearer ${token}` } };
  };
const SIGNED_UP = 1;

/** All requests but OPTIONS. */
const LOGGED = 22;

export const verdaccio: Program = {
  name: 'verdaccio',
  is: 'a registry of packages on Express 4, whose handlers hand over by next()',
  packages: { verdaccio: '6.10.4' },
  overrides: { 'node-fetch': '2.6.7' },
  files: { 'config.yaml': CONFIG },
  directory: 'home',
  command: ({ port }) => ['verdaccio', '--config', 'config.yaml', '--listen', `127.0.0.1:${port}`],
  // It logs twice for each answer, the second time from a thread.
  unordered: true,
  logged: (output) => output.split('http <--').length > 2 * LOGGED,
  varying: [
    [/warn --- Password for user "ann" took \d+ms to verify\n/g, ''],
    [/"token": "\w+=*"/g, '"token": <token>'],
    [/"_rev": "\d-\w+"/g, '"_rev": <revision>'],
  ],
  varyingHeaders: ['etag', 'x-ratelimit-reset'],
  exchanges: [
    ['GET /-/ping', 200, '/-/ping'],
    [
      { send: 'PUT /-/user/org.couchdb.user:ann', json: { name: 'ann', password: 'correct horse' } },
      201,
      '/-/user/:org_couchdb_user/:_rev?/:revision?',
    ],
    ['GET /-/whoami', 200, '/-/whoami'],
    [signedIn({ send: 'GET /-/whoami' }), 200, '/-/whoami'],
    [{ send: 'PUT /@scope%2fone', json: PUBLISHED }, 401, '/:package/:_rev?/:revision?'],
    [signedIn({ send: 'PUT /@scope%2fone', json: PUBLISHED }), 201, '/:package/:_rev?/:revision?'],
    ['GET /@scope%2fone', 200, '/:package/:version?'],
    ['GET /@scope/one/1.0.0', 200, '/:package/:version?'],
    ['GET /@scope/one/2.0.0', 404, '/:package/:version?'],
    ['HEAD /@scope/one', 200, '/:package/:version?'],
    ['GET /@scope/one/-/one-1.0.0.tgz', 200, '/:package/-/:filename'],
    ['GET /@scope/one/-/two-1.0.0.tgz', 404, '/:package/-/:filename'],
    ['GET /-/package/@scope%2fone/dist-tags', 200, '/-/package/:package/dist-tags'],
    ['GET /-/all', 200, '/-/all(/since)?'],
    ['GET /-/v1/search?text=one', 200, '/-/v1/search'],
    ['GET /-/verdaccio/data/packages', 200, '/-/verdaccio/data/packages'],
    ['GET /-/verdaccio/data/sidebar/@scope/one', 200, '/-/verdaccio/data/sidebar/:scope/:package'],
    ['GET /unheard-of', 404, '/:package/:version?'],
    ['GET /', 200, '/'],
    ['GET /-/web/detail/one', 200, '/-/web/*'],
    ['GET /-/static/ui-options.js', 200, '/-/static/ui-options.js'],
    ['OPTIONS /one', 204, undefined],
    ['POST /a/b/c/d', 404, undefined],
  ],
};
