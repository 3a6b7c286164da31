import type { Range } from './changes.ts';
import type { StateWriter } from './writer.ts';

export type FileSystem = typeof import('node:fs');

/**
 * @param path without the endings; nothing may be there yet
 * @throws the system's error
 */
export function createStateFiles(fs: FileSystem, path: string) {
  const keys = fs.openSync(`${path}.keys`, 'wx', 0o600);
  let values: number;
  try {
    values = fs.openSync(`${path}.values`, 'wx', 0o600);
  } catch (error) {
    fs.closeSync(keys);
    // The next attempt makes both.
    fs.rmSync(`${path}.keys`);
    throw error;
  }
  let lines = 0;
  let bytes = 0;
  let doubles = 0;
  /** Whether the last write wrote everything. */
  let whole = false;

  const append = (text: string): void => {
    const data = Buffer.from(text);
    try {
      writeAll(fs, keys, data, bytes);
    } catch (error) {
      // Part of a line would spoil the lines that follow once there is room.
      fs.ftruncateSync(keys, bytes);
      throw error;
    }
    bytes += data.length;
  };

  const write = (writer: StateWriter, changes: readonly Range[] | undefined): void => {
    let failure: unknown;
    whole = false;
    const added = writer.keys(lines);
    const { state } = writer;
    if (added.lines > lines) {
      try {
        append(added.text);
        lines = added.lines;
        doubles = state.values.length;
      } catch (error) {
        failure = error;
      }
    }
    const { buffer, byteOffset } = state.values;
    for (const { from, to } of changes ?? [{ from: 0, to: doubles }]) {
      const end = Math.min(to, doubles);
      if (from >= end) continue;
      writeAll(fs, values, new Uint8Array(buffer, byteOffset + from * 8, (end - from) * 8), from * 8);
    }
    if (failure !== undefined) throw failure;
    whole = true;
  };

  return {
    /**
     * Brings the files up to date. On a full disk the series that it has get at least their new values.
     *
     * @throws the system's error when not everything could be written; the next write tries again
     */
    write(writer: StateWriter): void {
      writer.takeChanges();
      write(writer, undefined);
    },
    /** Writes only what has changed since the last write. */
    writeChanges(writer: StateWriter): void {
      const changes = writer.takeChanges();
      write(writer, whole ? changes : undefined);
    },
    /** The files have been removed by somebody else, so that nobody will read what is written. */
    get removed() {
      return fs.fstatSync(values).nlink === 0;
    },
    close(): void {
      fs.closeSync(keys);
      fs.closeSync(values);
    },
  };
}

function writeAll(fs: FileSystem, file: number, data: Uint8Array, position: number): void {
  let written = 0;
  while (written < data.length) {
    written += fs.writeSync(file, data, written, data.length - written, position + written);
  }
}

/** Replaces a file atomically. @throws the system's error; the file is then as it was */
export function replaceFile(fs: FileSystem, path: string, data: string | Uint8Array): void {
  const next = `${path}.next`;
  try {
    fs.writeFileSync(next, data, { mode: 0o600 });
    fs.renameSync(next, path);
  } catch (error) {
    fs.rmSync(next, { force: true });
    throw error;
  }
}

export type StateFiles = ReturnType<typeof createStateFiles>;
