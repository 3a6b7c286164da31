import { meet } from '../../../../meet.mjs';

export async function GET() {
  await meet();
  return new Response('ok');
}
