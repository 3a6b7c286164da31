import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { folderOf, programPath } from '../../scripts/backends/pins.ts';

/** Samples by name and labels, `a_bucket{"le":1,"x":"y"}`, whoever has read them. */
export type Samples = ReadonlyMap<string, number>;

/** A program that answers one JSON object a line with another. */
class Oracle implements AsyncDisposable {
  readonly #child;
  readonly #answers;

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(question: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('it has ended');
    const answer = JSON.parse(value);
    if (typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

const number = (text: string): number => Number(text.replace(/inf$/i, 'Infinity').replace(/nan/i, 'NaN'));

function sampleKey(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels)
    .map(([label, value]) => (label === 'le' ? [label, String(number(value))] : [label, value]))
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return `${name}${JSON.stringify(sorted)}`;
}

interface GoFamily {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value?: string;
    readonly count?: string;
    readonly buckets?: readonly (readonly [bound: string, count: string])[];
    readonly created?: string;
  }[];
}

/** Prometheus' Go client: `github.com/prometheus/common/expfmt`. */
export class Expfmt extends Oracle {
  constructor() {
    super(programPath('expfmt', 'expfmt'), []);
  }

  /** The `Content-Type` that it would answer with. */
  async negotiate(accept: string): Promise<string> {
    const { contentType } = (await this.ask({ accept })) as { contentType: string };
    return contentType;
  }

  async families(contentType: string, body: Uint8Array): Promise<readonly GoFamily[]> {
    const question = { contentType, body: Buffer.from(body).toString('base64') };
    const { families = [] } = (await this.ask(question)) as { families?: GoFamily[] };
    return families;
  }

  async samples(contentType: string, body: Uint8Array): Promise<Samples> {
    const all = new Map<string, number>();
    for (const { name, type, samples } of await this.families(contentType, body)) {
      for (const { labels, value, count, buckets = [] } of samples ?? []) {
        const add = (suffix: string, text: string | undefined, more = {}): void => {
          if (text !== undefined) all.set(sampleKey(name + suffix, { ...labels, ...more }), number(text));
        };
        if (type !== 'HISTOGRAM') add('', value);
        else {
          for (const [le, cumulative] of buckets) add('_bucket', cumulative, { le });
          add('_bucket', count, { le: '+Inf' });
          add('_sum', value);
          add('_count', count);
        }
      }
    }
    return all;
  }
}

interface PythonFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly (readonly [
    name: string,
    labels: Readonly<Record<string, string>>,
    value: string,
  ])[];
}

/** PyPI's prometheus-client, whose parser of OpenMetrics is a strict one. */
export class ClientPython extends Oracle {
  constructor() {
    const script = fileURLToPath(new URL('client-python.py', import.meta.url));
    super('python3', [script], { PYTHONPATH: folderOf('client-python') });
  }

  async families(contentType: string, body: string): Promise<readonly PythonFamily[]> {
    return ((await this.ask({ contentType, body })) as { families: PythonFamily[] }).families;
  }

  async samples(contentType: string, body: string): Promise<Samples> {
    const families = await this.families(contentType, body);
    return new Map(
      families.flatMap(({ samples }) =>
        samples.map(([name, labels, value]) => [sampleKey(name, labels), number(value)] as const),
      ),
    );
  }
}
