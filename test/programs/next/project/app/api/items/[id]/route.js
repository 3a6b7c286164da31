export async function GET(_request, { params }) {
  const { id } = await params;
  if (id === 'broken') throw new Error('broken');
  return Response.json({ id });
}

export async function POST() {
  return new Response('made', { status: 201 });
}
