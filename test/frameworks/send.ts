import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';

/** Makes one request on a connection of its own; the path goes as it is. Resolves when the answer is complete. */
export async function send(
  base: string,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const [method, path = ''] = line.split(' ');
  const { hostname, port } = new URL(base);
  // A fixed agent would keep the connection.
  const request = http.request({ host: hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  for await (const _ of response);
  return response.statusCode;
}
