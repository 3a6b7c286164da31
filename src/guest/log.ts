export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

const ORDER: Readonly<Record<LogLevel, number>> = { none: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** Lines on stderr, each starting with `routemeter: `. */
export interface Log {
  level: LogLevel;
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
  /** Logs only the first message of a key in the life of the process. */
  once(key: string, level: 'error' | 'warn' | 'info', message: string): void;
}

/** @param write takes one whole line, newline included; whatever it throws is swallowed. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const said = new Set<string>();
  const say = (at: Exclude<LogLevel, 'none'>, message: string): void => {
    if (ORDER[log.level] < ORDER[at]) return;
    try {
      write(`routemeter: ${message}\n`);
    } catch {
      // A closed stderr must not reach the app.
    }
  };
  const log: Log = {
    level,
    error: (message) => say('error', message),
    warn: (message) => say('warn', message),
    info: (message) => say('info', message),
    debug: (message) => say('debug', message),
    once(key, at, message) {
      if (said.has(key)) return;
      said.add(key);
      say(at, message);
    },
  };
  return log;
}
