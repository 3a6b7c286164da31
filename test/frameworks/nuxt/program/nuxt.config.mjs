import { fileURLToPath } from 'node:url';

export default {
  compatibilityDate: '2026-11-01',
  telemetry: false,
  // As version 4 has it by default.
  srcDir: 'app/',
  serverDir: fileURLToPath(new URL('server', import.meta.url)),
  ...(process.env.BUNDLED && { nitro: { externals: { inline: ['routemeter'] } } }),
};
