import { route } from 'routemeter';

export function handle({ event, resolve }) {
  route(event.route.id);
  return resolve(event);
}
