import type { Program } from '../program.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = { authorization: `Basic ${Buffer.from('foo:bar').toString('base64')}` };
const AUTHORIZE = '/auth?client_id=foo&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:8080/cb';

export const oidcProvider: Program = {
  name: 'oidc-provider',
  is: 'the OpenID provider of its quick start, a Koa app within a library',
  packages: { 'oidc-provider': '9.13.3' },
  sources: new URL('project', import.meta.url),
  directory: 'project',
  command: () => ['node', 'index.mjs'],
  env: ({ port }) => ({ PORT: String(port) }),
  varying: [[/(?<![\w-])[\w-]{43}(?![\w-])/g, '<id>']],
  exchanges: [
    ['GET /.well-known/openid-configuration', 200, '/.well-known/openid-configuration'],
    ['GET /jwks', 200, '/jwks'],
    [
      { send: 'POST /token', text: 'grant_type=client_credentials', headers: { ...form, ...basic } },
      200,
      '/token',
    ],
    [{ send: 'POST /token', text: 'grant_type=client_credentials', headers: form }, 400, '/token'],
    [
      { send: 'POST /token/introspection', text: 'token=unknown', headers: { ...form, ...basic } },
      200,
      '/token/introspection',
    ],
    [`GET ${AUTHORIZE}&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`, 303, '/auth'],
    ['GET /interaction/unknown', 400, '/interaction/:uid'],
    ['GET /me', 401, '/me'],
    ['OPTIONS /me', 404, '/me'],
    ['GET /token', 404, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
