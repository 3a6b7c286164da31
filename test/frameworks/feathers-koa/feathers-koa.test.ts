import { describeFramework } from '../contract.ts';
import { feathersKoa } from './framework.ts';

describeFramework(feathersKoa);
