import { defineConfig } from 'nitro/config';

export default defineConfig({ preset: 'node-server', serverDir: '.', compatibilityDate: '2026-01-01' });
