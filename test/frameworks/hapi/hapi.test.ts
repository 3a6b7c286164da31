import { describeFramework } from '../contract.ts';
import { hapi } from './framework.ts';

describeFramework(hapi);
