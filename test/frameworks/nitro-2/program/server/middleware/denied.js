export default defineEventHandler((event) => {
  if (event.path.startsWith('/denied/')) return new Response(null, { status: 401 });
});
