const tracing = {
  outputFileTracingRoot: __dirname,
  outputFileTracingIncludes: { '/': ['public/**'] },
};

module.exports = {
  output: 'standalone',
  ...(process.env.OLD ? { experimental: tracing } : tracing),
  generateBuildId: () => 'build',
  rewrites: () => [{ source: '/people/:id', destination: '/users/:id' }],
  redirects: () => [{ source: '/moved/:id', destination: '/users/:id', permanent: true }],
};
