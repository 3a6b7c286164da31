import { describeFramework } from '../contract.ts';
import { loopback, loopbackMounted } from './framework.ts';

describeFramework(loopback);
describeFramework(loopbackMounted);
