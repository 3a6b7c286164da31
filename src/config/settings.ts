import { printed, visible } from '../guest/text.ts';
import type { ConfigSource } from './types.ts';
import { VARIABLES, type Variable } from './variables.ts';

/** One value that was given, under the name by which messages call it. */
export interface Given {
  readonly name: string;
  /** Text from the environment, trimmed and not empty; anything at all from code. */
  readonly value: unknown;
  readonly fromCode: boolean;
  /** Adds `NAME="value": what; accepted: accepted` to the problems. */
  reject(what: string, accepted: string): undefined;
}

/** Turns a given value into what is meant by it, or rejects it. */
export type Check<T> = (given: Given) => T | undefined;

/** Finds what was given, in code first, and collects what is wrong with it. */
export class Settings {
  readonly problems: string[] = [];
  readonly source: ConfigSource;

  constructor(source: ConfigSource) {
    this.source = source;
  }

  /** The value of the first variable that is given, checked; the fallback if there is none or it is wrong. */
  get<T>(check: Check<T>, fallback: T, ...variables: readonly [Variable, ...Variable[]]): T {
    const given = this.find(...variables);
    return given === undefined ? fallback : (check(given) ?? fallback);
  }

  /** The option of the first variable, else the first variable that is given. */
  find(...variables: readonly [Variable, ...Variable[]]): Given | undefined {
    const option = this.option(variables[0]);
    if (option !== undefined) return option;
    for (const variable of variables) {
      const given = this.variable(variable);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  /** What the environment says; an empty value counts as unset. */
  variable(name: string): Given | undefined {
    const value = this.source.env[name]?.trim();
    return value === undefined || value === '' ? undefined : this.#given(name, value, false);
  }

  /** What the code says. */
  option(variable: Variable): Given | undefined {
    const path = VARIABLES[variable];
    if (path === undefined) return undefined;
    let value: unknown = this.source.options;
    for (const key of path.split('.')) value = isRecord(value) ? value[key] : undefined;
    return value === undefined ? undefined : this.#given(`options.${path}`, value, true);
  }

  problem(name: string, value: unknown, what: string, accepted: string): void {
    this.problems.push(`${visible(name)}=${shown(name, value)}: ${what}; accepted: ${accepted}`);
  }

  #given(name: string, value: unknown, fromCode: boolean): Given {
    return {
      name,
      value,
      fromCode,
      reject: (what, accepted) => {
        this.problem(name, value, what, accepted);
        return undefined;
      },
    };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Headers and anything unknown beside them may hold a secret; so may the user part of a URL. */
function shown(name: string, value: unknown): string {
  if (/^OTEL_EXPORTER_OTLP_(METRICS_)?HEADERS$|^options\.otlp$/.test(name)) return '(not shown)';
  if (/^options\.otlp\.(?!(protocol|url|compression|timeoutMillis|temporality)$)/.test(name)) {
    return '(not shown)';
  }
  const at = typeof value === 'string' && /_ENDPOINT$|_URL$|\.url$/.test(name) ? value.lastIndexOf('@') : -1;
  return printed(at < 0 ? value : `***${String(value).slice(at)}`);
}
