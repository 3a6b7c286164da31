import { defineConfig, drivers } from '@adonisjs/core/encryption';
import { appKey } from './app.js';

export default defineConfig({
  default: 'aes',
  list: { aes: drivers.aes256gcm({ id: 'aes', keys: [appKey] }) },
});
