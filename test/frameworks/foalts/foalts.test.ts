import { describeFramework } from '../contract.ts';
import { foalts } from './framework.ts';

describeFramework(foalts);
