/** What the app `http2.mjs` of a framework has, which serves the same over HTTP/2. */
export const OVER_HTTP2 = {
  'http2.mjs': {
    'GET /users/42': '200 /users/:id',
    'HEAD /users/42': '200 /users/:id',
    'GET /users/42?late': '200 /users/:id',
    'GET /nothing': '404',
  },
} as const;
