import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { acceptsGzip, writeChunks } from '../../../src/exporters/prometheus/response.ts';

for (const header of ['deflate, GZIP;q=0.5', '*']) {
  test(`Accept-Encoding ${header} takes gzip`, () => assert.equal(acceptsGzip(header), true));
}

for (const header of [undefined, 'br', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'gzip;q=nonsense']) {
  test(`Accept-Encoding ${header} does not take gzip`, () => assert.equal(acceptsGzip(header), false));
}

describe('a response has all of its chunks', { timeout: 20_000 }, () => {
  /** Characters of one to four bytes, so that each length of text has some that no piece ends with. */
  const long = (length: number): string => 'aé€𝄞'.repeat(length / 4);
  const CHUNKS: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
    'none at all': [],
    'empty ones among others': ['', 'a', '', 'b'],
    'texts longer than what is written at once': [long(400_000), 'x', long(1_000_000)],
    'texts and bytes': ['text', new TextEncoder().encode('bytes'), long(40)],
    'many of them': Array.from({ length: 500 }, (_, i) => `${i}\n`.repeat(500)),
  };

  async function received(server: Server): Promise<Buffer> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', agent: false });
    asked.end();
    const [response] = await once(asked, 'response');
    return buffer(response);
  }

  for (const [what, chunks] of Object.entries(CHUNKS)) {
    for (const gzip of [false, true]) {
      it(`${what}${gzip ? ', compressed' : ''}`, async () => {
        const server = createServer((_, response) => void writeChunks(response, chunks, gzip));
        try {
          const body = await received(server);
          const text = (gzip ? gunzipSync(body) : body).toString();
          // Not an assertion on the texts, whose difference would take minutes to print.
          assert.ok(text === Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString());
        } finally {
          server.closeAllConnections();
          server.close();
        }
      });
    }
  }

  it('and ends when the client goes away', async () => {
    function* endless(): Generator<string> {
      for (;;) yield long(4_000);
    }
    let written: Promise<void> | undefined;
    const server = createServer((_, response) => {
      written = writeChunks(response, endless(), false);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
    asked.end();
    const [response] = await once(asked, 'response');
    response.destroy();
    await written;
    server.closeAllConnections();
    server.close();
  });
});
