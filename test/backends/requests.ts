import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AppProcess } from '../app-process.ts';

/** Makes requests to test/apps/routes.mjs, one after the other. */
export async function requests(app: AppProcess, count: number): Promise<void> {
  const url = await app.url();
  const agent = new Agent({ keepAlive: true });
  for (let i = 0; i < count; i++) {
    const [response] = (await once(get(new URL(`/r${i % 20}/7`, url), { agent }), 'response')) as [
      IncomingMessage,
    ];
    await once(response.resume(), 'end');
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}`);
  }
  agent.destroy();
}

/** An app that answers by the listener of this text. */
export const appOf = (listener: string): string => `
  import http from 'node:http';
  http.createServer(${listener}).listen(0, '127.0.0.1', function () {
    console.log('http://127.0.0.1:' + this.address().port);
  });
`;
