import type { InstallOptions, Packages } from '../../scripts/pinned/install.ts';

/** Where one start of a program happens; the same both times, so that what it prints can be compared. */
export interface Place {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly base: string;
  /** New and empty, but for the program's `files`: its working directory, HOME and place of temporary files. */
  readonly home: string;
  /** The folder with `node_modules`. */
  readonly project: string;
}

export interface Answer {
  readonly status: number;
  /** Names and values as they came, one header a line. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface Sent {
  /** Method and path, such as `GET /users/1`. */
  readonly send: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/**
 * What is sent, the status of the answer, the route that one would write by hand, undefined where none matches, and what
 * kind of stream the answer is, if it is one.
 */
export type Exchange = readonly [
  sent: string | Sent | ((earlier: readonly Answer[]) => Sent),
  status: number,
  route: string | undefined,
  stream?: 'event_stream',
];

/** A program that somebody else has written, and what is promised of it when the preload is loaded into it. */
export interface Program extends InstallOptions {
  /** A folder of `.cache/programs`, and the name for `npm run test:apps`. */
  readonly name: string;
  /** What is special about it, for readers of the tests. */
  readonly is: string;
  readonly packages: Packages;
  /** A folder whose files make up the program's project, beside its packages. */
  readonly sources?: URL;
  /** Commands that build the project, once. */
  readonly build?: readonly (readonly string[])[];
  /** Files that it finds in its working directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * The command line, as its users type it. The preload comes by `node --import` if it begins with `node`, else by
   * NODE_OPTIONS.
   */
  command(place: Place): readonly string[];
  /** `home`, in which only `files` are, or `project`, for programs that are started where they were built. */
  readonly directory: 'home' | 'project';
  /** Printed when it can be asked; by default it can be as soon as it listens. */
  readonly ready?: RegExp;
  /** Whether it has logged the last answer; by default this is not waited for. */
  logged?(output: string): boolean;
  /** Whether the order of its lines is left to chance. */
  readonly unordered?: boolean;
  env?(place: Place): Readonly<Record<string, string>>;
  /** The command that ends it, where its users do not send SIGTERM to it. */
  readonly end?: readonly string[];
  readonly exchanges: readonly Exchange[];
  /** Done after the exchanges: what is no request with an answer, such as a WebSocket. @returns what was seen */
  also?(place: Place): Promise<readonly string[]>;
  /** What `also` adds to the counts, by `METHOD route status kind-of-stream`, with `-` for no route. */
  readonly alsoCounted?: Readonly<Record<string, number>>;
  /** What differs from start to start, in answers and in what is printed, and what stands for it. */
  readonly varying?: readonly (readonly [RegExp, string])[];
  /** Headers that differ from start to start. */
  readonly varyingHeaders?: readonly string[];
  /** How many of its processes listen and report that they are measured; by default one. */
  readonly processes?: number;
}
