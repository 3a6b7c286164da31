const root = { outputFileTracingRoot: __dirname };

module.exports = {
  output: 'standalone',
  ...(process.env.OLD ? { experimental: root } : root),
  rewrites: () => [{ source: '/people/:id', destination: '/users/:id' }],
  redirects: () => [{ source: '/moved/:id', destination: '/users/:id', permanent: true }],
};
