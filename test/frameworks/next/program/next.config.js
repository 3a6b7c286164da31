const { version } = require('next/package.json');

const tracing = {
  outputFileTracingRoot: __dirname,
  outputFileTracingIncludes: { '/': ['public/**'] },
};

module.exports = {
  output: 'standalone',
  ...(Number.parseInt(version, 10) < 15 ? { experimental: tracing } : tracing),
  generateBuildId: () => 'build',
  rewrites: () => [{ source: '/people/:id', destination: '/users/:id' }],
  redirects: () => [{ source: '/moved/:id', destination: '/users/:id', permanent: true }],
};
