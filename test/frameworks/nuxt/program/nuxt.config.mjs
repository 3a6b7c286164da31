export default {
  compatibilityDate: '2026-11-01',
  telemetry: false,
  ...(process.env.BUNDLED && { nitro: { externals: { inline: ['routemeter'] } } }),
};
