import { describeFramework } from '../contract.ts';
import { restify } from './framework.ts';

describeFramework(restify);
