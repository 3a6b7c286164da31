import { get } from 'node:http';

export interface Fetched {
  readonly body: Buffer;
  /** From the request to the first byte. */
  readonly firstMillis: number;
  /** From the request to the last byte. */
  readonly millis: number;
}

/** One scrape as its client sees it; rejects unless the answer is 200. */
export function fetchMetrics(port: number): Promise<Fetched> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/metrics', agent: false }, (response) => {
      const firstMillis = performance.now() - start;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const millis = performance.now() - start;
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve({ body, firstMillis, millis });
        else reject(new Error(`answered ${response.statusCode}: ${body.toString('utf8', 0, 200)}`));
      });
    }).on('error', reject);
  });
}
