export const config = { matcher: '/denied/:path*' };
export const middleware = () => new Response('denied', { status: 401 });
