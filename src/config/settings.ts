import { isRecord } from '../guest/shape.ts';
import { printed, visible } from '../guest/text.ts';
import type { ConfigSource, OptionPath } from './types.ts';

/** A value that was given, under the name that messages use for it. */
export interface Given {
  readonly name: string;
  /** From the environment a trimmed string that is not empty; from code anything at all. */
  readonly value: unknown;
  readonly fromCode: boolean;
  /** Adds `NAME="value": what; accepted: accepted` to the problems. */
  reject(what: string, accepted: string): undefined;
}

/** Turns a given value into what it means, or rejects it. */
export type Check<T> = (given: Given, settings: Settings) => T | undefined;

/** What docs/configuration.md says of a variable; `meaning` alone is in the README, if it has the variable. */
export interface Docs {
  /** The default in words, where the value itself would not tell. */
  readonly default?: string;
  /** What the variable is for, as one phrase. */
  readonly meaning: string;
  /** Continues the phrase. */
  readonly details?: string;
  readonly readme?: true;
}

/** Words as documents have them: `a`, `b`. */
export const codes = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** One setting. */
export interface Row<T = unknown> extends Docs {
  /** The narrower ones come first, those for metrics before those for all signals: the first that is given decides. */
  readonly variables: readonly [Variable, ...Variable[]];
  /** The same setting from code; it wins over the variables. */
  readonly option?: OptionPath;
  readonly check: Check<T>;
  /** The default, if there is one. */
  readonly fallback?: T;
  /** All that are given count, joined name by name. */
  readonly joined?: true;
  /** Messages do not show the value. */
  readonly secret?: true;
  /** Describes the second variable, unless it is the same for all signals. */
  readonly second?: Docs;
}

export type Variable = `OTEL_${string}` | `ROUTEMETER_${string}`;

export type Rows = Readonly<Record<string, Row>>;

type Checked<R extends Row> = R extends { readonly check: Check<infer T> } ? T : never;

/** The values that rows give. */
export type Values<R extends Rows> = {
  readonly [Key in keyof R]: Checked<R[Key]> | (R[Key] extends { fallback: unknown } ? never : undefined);
};

/** Rows whose defaults are values that their checks can give. */
type Sound<R extends Rows> = { readonly [Key in keyof R]: { fallback?: Checked<R[Key]> } };

/** Finds what was given, and collects what is wrong with it. */
export class Settings {
  readonly problems: string[] = [];
  readonly source: ConfigSource;
  readonly #checked = new Map<string, unknown>();

  constructor(source: ConfigSource) {
    this.source = source;
  }

  /** The values of rows, whose problems come in the order of the rows. */
  all<R extends Rows>(rows: R & Sound<R>): Values<R> {
    return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, this.get(row)])) as Values<R>;
  }

  /** The value of a row, or its default if nothing is given or what is given is wrong. */
  get<R extends Row>(row: R): Values<{ row: R }>['row'];
  get(row: Row): unknown {
    if (row.joined) {
      const given = [...row.variables.map((name) => this.variable(name, row)).reverse(), this.option(row)];
      return Object.assign({}, ...given.map((each) => each && this.check(each, row)));
    }
    const given = this.find(row);
    return (given && this.check(given, row)) ?? row.fallback;
  }

  /** What a given value means; its problems are reported once. */
  check<R extends Row>(given: Given, row: R): Checked<R> | undefined;
  check(given: Given, row: Row): unknown {
    if (!this.#checked.has(given.name)) this.#checked.set(given.name, row.check(given, this));
    return this.#checked.get(given.name);
  }

  /** The option, else the first variable that is given. */
  find(row: Pick<Row, 'variables' | 'option' | 'secret'>): Given | undefined {
    const option = this.option(row);
    if (option !== undefined) return option;
    for (const name of row.variables) {
      const given = this.variable(name, row);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  /** What the environment says; an empty value counts as unset. */
  variable(name: string, { secret }: Pick<Row, 'secret'> = {}): Given | undefined {
    const value = this.source.env[name]?.trim();
    return value === undefined || value === '' ? undefined : this.#given(name, value, false, secret);
  }

  /** What the code says. */
  option({ option, secret }: Pick<Row, 'option' | 'secret'>): Given | undefined {
    if (option === undefined) return undefined;
    let value: unknown = this.source.options;
    for (const key of option.split('.')) value = isRecord(value) ? value[key] : undefined;
    return value === undefined ? undefined : this.#given(`options.${option}`, value, true, secret);
  }

  problem(name: string, value: unknown, what: string, accepted: string, secret = false): void {
    const text = secret ? '(not shown)' : printed(withoutCredentials(name, value));
    this.problems.push(`${visible(name)}=${text}: ${what}; accepted: ${accepted}`);
  }

  #given(name: string, value: unknown, fromCode: boolean, secret: boolean | undefined): Given {
    return {
      name,
      value,
      fromCode,
      reject: (what, accepted) => {
        this.problem(name, value, what, accepted, secret);
        return undefined;
      },
    };
  }
}

/** The user part of a URL may hold a secret. */
function withoutCredentials(name: string, value: unknown): unknown {
  const at = typeof value === 'string' && /_ENDPOINT$|_URL$|\.url$/.test(name) ? value.lastIndexOf('@') : -1;
  return at < 0 ? value : `***${String(value).slice(at)}`;
}
