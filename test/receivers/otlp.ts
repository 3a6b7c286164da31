import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { freePort } from '../ports.ts';
import { decodeProtobuf, encodePartialSuccess } from './otlp-protobuf.ts';

/** One data point, whichever encoding it came in. */
export interface ReceivedPoint {
  readonly scope: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram';
  readonly temporality: 'delta' | 'cumulative' | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** In nanoseconds since 1970. */
  readonly start: number;
  /** The number, or a histogram's count. */
  readonly value: number;
  readonly sum: number | undefined;
  readonly bounds: readonly number[] | undefined;
  readonly counts: readonly number[] | undefined;
  readonly scale: number | undefined;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly points: readonly ReceivedPoint[];
}

export type Answer =
  | { readonly kind: 'accept' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      /** The connection ends after the body, however long the answer was to be. */
      readonly cut?: true;
    }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'hang' };

/** An OTLP/HTTP backend on a loopback port (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export interface OtlpReceiver {
  /** The metrics endpoint, with the name `localhost`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** How many connections have been made to it. */
  readonly connections: number;
  /** What it does with the requests from now on. */
  answer: Answer;
  /** Resolves with the request of that number, counted from 1, when it has come. */
  received(number: number): Promise<ReceivedRequest>;
  /** Resolves with the first request of which it is true, when it has come. */
  first(condition: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
  close(): Promise<void>;
}

/**
 * @param options.port a free one unless given, which nobody else is likely to take once it is closed
 * @param options.tls as for an HTTPS server
 */
export async function startOtlpReceiver(
  options: { readonly port?: number; readonly tls?: ServerOptions } = {},
): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
  server.on('connection', () => {
    connections++;
  });
  server.on('request', async (request, response) => {
    const body = await readBody(request);
    requests.push(readRequest(request, body));
    server.emit('otlp');
    const { answer } = receiver;
    if (answer.kind === 'hang') return;
    if (answer.kind === 'status') {
      response.writeHead(answer.status, answer.headers);
      if (answer.cut) response.write(answer.body ?? '', () => response.destroy());
      else response.end(answer.body);
      return;
    }
    const type = request.headers['content-type'] ?? '';
    response.writeHead(200, { 'content-type': type });
    response.end(answer.kind === 'accept' ? undefined : encodeAnswer(type, answer.rejected, answer.message));
  });
  const port = options.port ?? (await freePort());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: OtlpReceiver = {
    url: `${options.tls ? 'https' : 'http'}://localhost:${port}/v1/metrics`,
    port,
    requests,
    get connections() {
      return connections;
    },
    answer: { kind: 'accept' },
    async received(number) {
      for (;;) {
        const request = requests[number - 1];
        if (request) return request;
        await once(server, 'otlp');
      }
    },
    async first(condition) {
      for (let number = 1; ; number++) {
        const request = await receiver.received(number);
        if (condition(request)) return request;
      }
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = Buffer.concat(await request.toArray());
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function encodeAnswer(type: string, rejectedDataPoints: number, errorMessage: string): Buffer | string {
  return type === 'application/json'
    ? JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejectedDataPoints), errorMessage } })
    : encodePartialSuccess(rejectedDataPoints, errorMessage);
}

type KeyValues = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
/** In JSON, 64-bit integers and what JSON has no number for are text. */
type Num = number | string;
interface WirePoint {
  readonly startTimeUnixNano?: Num;
  readonly attributes?: KeyValues;
  readonly asDouble?: Num;
  readonly asInt?: Num;
  readonly count?: Num;
  readonly sum?: Num;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly Num[];
  readonly scale?: number;
  readonly positive?: { readonly bucketCounts?: readonly Num[] };
}
interface WireData {
  readonly dataPoints?: readonly WirePoint[];
  readonly aggregationTemporality?: number;
}
type WireMetric = { readonly name: string; readonly unit?: string } & {
  readonly [kind in ReceivedPoint['kind']]?: WireData;
};
interface WireRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: KeyValues };
    readonly scopeMetrics?: readonly {
      readonly scope?: { readonly name?: string };
      readonly metrics?: readonly WireMetric[];
    }[];
  }[];
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram'] as const;
const TEMPORALITIES = [undefined, 'delta', 'cumulative'] as const;

function readRequest(request: IncomingMessage, body: Buffer): ReceivedRequest {
  const json = request.headers['content-type'] === 'application/json';
  const wire = (json ? JSON.parse(body.toString()) : decodeProtobuf(body)) as WireRequest;
  const [first] = wire.resourceMetrics ?? [];
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    resource: readAttributes(first?.resource?.attributes),
    points: (first?.scopeMetrics ?? []).flatMap(({ scope, metrics }) =>
      (metrics ?? []).flatMap((metric) => readPoints(scope?.name ?? '', metric)),
    ),
  };
}

function readPoints(scope: string, metric: WireMetric): ReceivedPoint[] {
  return KINDS.flatMap((kind) => {
    const { dataPoints = [], aggregationTemporality = 0 } = metric[kind] ?? {};
    return dataPoints.map((point) => ({
      scope,
      metric: metric.name,
      unit: metric.unit ?? '',
      kind,
      temporality: TEMPORALITIES[aggregationTemporality],
      attributes: readAttributes(point.attributes),
      start: Number(point.startTimeUnixNano),
      value: Number(point.asDouble ?? point.asInt ?? point.count),
      sum: point.sum === undefined ? undefined : Number(point.sum),
      bounds: point.explicitBounds,
      counts: (point.bucketCounts ?? point.positive?.bucketCounts)?.map(Number),
      scale: point.scale,
    }));
  });
}

function readAttributes(attributes: KeyValues = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
