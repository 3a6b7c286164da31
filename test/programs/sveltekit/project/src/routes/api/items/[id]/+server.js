import { json } from '@sveltejs/kit';

export function GET({ params }) {
  if (params.id === 'broken') throw new Error('broken');
  return json({ id: params.id });
}

export async function POST() {
  return new Response('made', { status: 201 });
}
