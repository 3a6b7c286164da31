import { IncomingMessage } from 'node:http';
import { route } from 'routemeter';

export default defineNitroPlugin(({ hooks }) => {
  const name = (event) => {
    const pattern = event?.context.matchedRoute?.path;
    // Neither the renderer of pages, nor what the server fetches from itself.
    if (pattern && pattern !== '/**' && event.node.req instanceof IncomingMessage) route(pattern);
  };
  hooks.hook('beforeResponse', name);
  hooks.hook('error', (_error, { event }) => name(event));
});
