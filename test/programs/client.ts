import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Answer, Exchange, Sent } from './program.ts';

/**
 * Sends one request after the other, on one connection. A client that closed each would race with programs that do not
 * log an answer whose connection has gone.
 */
export async function converse(base: string, exchanges: readonly Exchange[]): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: Answer[] = [];
  for (const [sent] of exchanges) answers.push(await send(base, sentOf(sent, answers), agent));
  agent.destroy();
  return answers;
}

export function sentOf(sent: Exchange[0], earlier: readonly Answer[]): Sent {
  if (typeof sent === 'string') return { send: sent };
  return typeof sent === 'function' ? sent(earlier) : sent;
}

async function send(
  base: string,
  { send: line, headers = {}, text, json }: Sent,
  agent: Agent,
): Promise<Answer> {
  const [method, path = ''] = line.split(' ');
  const body = json === undefined ? (text ?? '') : JSON.stringify(json);
  const outgoing = request(`${base}${path}`, {
    ...(method !== undefined && { method }),
    agent,
    headers: {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { rawHeaders, statusCode = 0 } = response;
  const names = rawHeaders.filter((_, i) => i % 2 === 0);
  return {
    status: statusCode,
    headers: names.map((name, i) => `${name}: ${rawHeaders[2 * i + 1]}`),
    body: Buffer.concat(chunks).toString(),
  };
}
