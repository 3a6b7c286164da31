import { error } from '@sveltejs/kit';

export function load({ params }) {
  if (params.user === 'nobody') error(404, 'no such user');
  return { user: params.user };
}
