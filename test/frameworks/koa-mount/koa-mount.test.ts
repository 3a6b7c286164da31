import { describeFramework } from '../contract.ts';
import { koaMount } from './framework.ts';

describeFramework(koaMount);
