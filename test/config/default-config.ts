import type { Config } from '../../src/config/config.ts';
import { config } from './source.ts';

/** What an empty environment gives, without an exporter. */
export const DEFAULT_CONFIG: Config = { ...config({}), exporters: [] };
