import { meet } from '../../meet.mjs';

export async function loader() {
  await meet();
  return new Response('ok');
}
