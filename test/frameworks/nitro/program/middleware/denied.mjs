export default (event) =>
  event.url.pathname.startsWith('/denied/') ? new Response('', { status: 401 }) : undefined;
