import { describeFramework } from '../contract.ts';
import { nextjs } from './framework.ts';

describeFramework(nextjs);
