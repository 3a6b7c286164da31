import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import http2 from 'node:http2';

/**
 * Makes one request on a connection of its own; the path goes as it is. Resolves when the answer is complete.
 * @param base `http://127.0.0.1:8080`; `http2:` for a request over HTTP/2
 */
export async function send(
  base: string,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const [method, path = ''] = line.split(' ');
  const { protocol, hostname, port } = new URL(base);
  if (protocol === 'http2:')
    return sendHttp2(`http://${hostname}:${port}`, { ':method': method, ':path': path, ...headers });
  // A fixed agent would keep the connection.
  const request = http.request({ host: hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  for await (const _ of response);
  return response.statusCode;
}

async function sendHttp2(base: string, headers: http2.OutgoingHttpHeaders): Promise<number | undefined> {
  const client = http2.connect(base);
  const stream = client.request(headers);
  const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  for await (const _ of stream);
  client.close();
  return Number(answer[':status']);
}
