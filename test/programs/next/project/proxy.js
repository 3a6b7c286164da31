import { NextResponse } from 'next/server';

export function proxy() {
  return new NextResponse('who are you?', { status: 401 });
}

export const config = { matcher: '/private/:path*' };
