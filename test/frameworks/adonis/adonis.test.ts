import { describeFramework } from '../contract.ts';
import { adonis } from './framework.ts';

describeFramework(adonis);
