import * as encryption from '@adonisjs/core/encryption';
import { appKey } from './app.js';

const { defineConfig, drivers } = encryption;

/** AdonisJS 6 has no such configuration. */
export default drivers &&
  defineConfig({ default: 'aes', list: { aes: drivers.aes256gcm({ id: 'aes', keys: [appKey] }) } });
