/** One version of a framework, by its two variables, through the contract. */
import { describeFramework } from '../../test/frameworks/contract.ts';
import type { Version } from '../../test/frameworks/framework.ts';
import { frameworks } from '../../test/frameworks/index.ts';

const { FRAMEWORK, VERSION = '' } = process.env;
const framework = frameworks.find(({ name }) => name === FRAMEWORK);
if (framework === undefined) throw new Error(`there is no framework ${FRAMEWORK}`);
const version = JSON.parse(VERSION) as Version;
const { otherApps: _, ...alone } = version;
describeFramework({ ...framework, unbundled: 'one version only', versions: [alone] }, ['lean']);
