import { describeFramework } from '../../contract.ts';
import { nestFastify, nestFastifyPrefix } from '../framework.ts';

describeFramework(nestFastify);
describeFramework(nestFastifyPrefix);
