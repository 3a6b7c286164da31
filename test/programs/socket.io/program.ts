import { once } from 'node:events';
import type { Answer, Place, Program, Sent } from '../program.ts';

/** Of the session that the second request has opened. */
const inSession =
  (sent: Sent) =>
  (earlier: readonly Answer[]): Sent => {
    const { sid } = JSON.parse(earlier[1]?.body.slice(1) ?? '') as { sid: string };
    return { ...sent, send: `${sent.send}&sid=${sid}` };
  };

const POLLING = '/socket.io/?EIO=4&transport=polling';

/** Says something by a WebSocket. @returns what is heard from the connection to the message */
async function chat({ port }: Place): Promise<string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const heard: string[] = [];
  const next = async (): Promise<void> => {
    const [{ data }] = (await once(socket, 'message')) as [MessageEvent];
    heard.push(String(data));
  };
  await next();
  socket.send('40');
  await next();
  socket.send('42["chat message","hello from a socket"]');
  await next();
  socket.close();
  await once(socket, 'close');
  return heard;
}

export const socketIo: Program = {
  name: 'socket.io',
  is: 'the chat of its tutorial, whose server answers before Express 5',
  packages: { 'socket.io': '4.8.4', express: '5.3.0' },
  sources: new URL('project', import.meta.url),
  directory: 'project',
  command: () => ['node', 'index.mjs'],
  env: ({ port }) => ({ PORT: String(port) }),
  logged: (output) => output.split('user disconnected').length === 3,
  varying: [[/"sid":"[\w-]{20}"/g, '"sid":<id>']],
  exchanges: [
    ['GET /', 200, '/'],
    [`GET ${POLLING}`, 200, undefined],
    [inSession({ send: `POST ${POLLING}`, text: '40' }), 200, undefined],
    [inSession({ send: `GET ${POLLING}` }), 200, undefined],
    [inSession({ send: `POST ${POLLING}`, text: '42["chat message","hello"]' }), 200, undefined],
    [inSession({ send: `GET ${POLLING}` }), 200, undefined],
    // Ends the session.
    [inSession({ send: `POST ${POLLING}`, text: '1' }), 200, undefined],
    ['GET /socket.io/socket.io.js', 200, undefined],
    ['GET /socket.io/?EIO=1', 400, undefined],
    ['GET /nothing', 404, undefined],
  ],
  also: chat,
  alsoCounted: { 'GET - 101 websocket': 1 },
};
