export default {
  compatibilityDate: '2026-11-01',
  srcDir: 'server',
  ...(process.env.BUNDLED && { externals: { inline: ['routemeter'] } }),
};
