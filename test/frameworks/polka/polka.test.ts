import { describeFramework } from '../contract.ts';
import { polka } from './framework.ts';

describeFramework(polka);
