import { meet } from '../../../meet.mjs';

export default defineEventHandler(async () => {
  await meet();
  return 'ok';
});
