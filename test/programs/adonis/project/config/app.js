import { defineConfig } from '@adonisjs/core/http';

export const appKey = 'a key of more than sixteen characters';
export const http = defineConfig({ generateRequestId: true });
