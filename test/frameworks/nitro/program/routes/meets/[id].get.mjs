import { meet } from '../../meet.mjs';

export default async () => {
  await meet();
  return 'ok';
};
