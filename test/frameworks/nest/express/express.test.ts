import { describeFramework } from '../../contract.ts';
import { nestExpress, nestExpressPrefix } from '../framework.ts';

describeFramework(nestExpress);
describeFramework(nestExpressPrefix);
