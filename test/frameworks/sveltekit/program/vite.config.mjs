import { copyFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

// Version 2 wants a file, and version 3 refuses it.
if (process.env.VERSION === '2') copyFileSync('svelte.config.version-2.js', 'svelte.config.js');

export default defineConfig({
  plugins: [sveltekit({ adapter: adapter() })],
  ...(process.env.EXTERNAL && { ssr: { external: ['routemeter'] } }),
});
