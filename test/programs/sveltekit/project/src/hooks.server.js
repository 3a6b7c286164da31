export async function handle({ event, resolve }) {
  if (event.url.pathname.startsWith('/private')) return new Response('who are you?', { status: 401 });
  return resolve(event);
}
