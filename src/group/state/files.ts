import type { Range } from './changes.ts';
import { createKeyReader } from './keys.ts';
import type { State } from './state.ts';
import type { StateWriter } from './writer.ts';

export type FileSystem = typeof import('node:fs');

/** A process that has as much to say is none of ours. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The two files of one process: lines of keys, which only grow, and doubles, written in place. */
export interface StateFiles {
  /**
   * Brings the files up to date. A disk that is full takes at least the new values of the series that it has.
   *
   * @throws the system's error when not everything could be written; the next time tries again
   */
  write(writer: StateWriter): void;
  /** The same where what has changed since the last time is little. */
  writeChanges(writer: StateWriter): void;
  /** Somebody has removed the files: nobody will read what is written. */
  readonly removed: boolean;
  close(): void;
}

/**
 * @param path without the endings; nothing may be there yet
 * @throws the system's error
 */
export function createStateFiles(fs: FileSystem, path: string): StateFiles {
  const keys = fs.openSync(`${path}.keys`, 'wx', 0o600);
  let values: number;
  try {
    values = fs.openSync(`${path}.values`, 'wx', 0o600);
  } catch (error) {
    fs.closeSync(keys);
    // The next time makes both.
    fs.rmSync(`${path}.keys`);
    throw error;
  }
  let lines = 0;
  let bytes = 0;
  let doubles = 0;
  /** The last time everything could be written. */
  let whole = false;

  const append = (text: string): void => {
    const data = Buffer.from(text);
    try {
      writeAll(fs, keys, data, bytes);
    } catch (error) {
      // A part of a line would spoil the lines that come once there is room.
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
    write(writer) {
      writer.takeChanges();
      write(writer, undefined);
    },
    writeChanges(writer) {
      const changes = writer.takeChanges();
      write(writer, whole ? changes : undefined);
    },
    get removed() {
      return fs.fstatSync(values).nlink === 0;
    },
    close() {
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

/** Replaces a file in one go, as its readers see it. @throws the system's error; the file is then as it was */
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

/** Bytes of keys that are read in one go: some thousand series. */
const KEYS_PER_READ = 128 * 1024;

/** Reads the files of another process. */
export interface StateReader {
  /** What they say now; what cannot be read stays as it was, as all does once it is closed. */
  read(): State;
  /** There are more series, which the next read has. */
  readonly behind: boolean;
  close(): void;
}

/** Reads all series, and lets the event loop go on where there are many new ones. */
export async function readWhole(reader: StateReader): Promise<State> {
  let state = reader.read();
  while (reader.behind) {
    await new Promise((resolve) => setImmediate(resolve));
    state = reader.read();
  }
  return state;
}

/** @param path without the endings; the files may come later */
export function createStateReader(fs: FileSystem, path: string): StateReader {
  const keys = createKeyReader();
  const decoder = new TextDecoder();
  let files: { readonly keys: number; readonly values: number } | undefined;
  let read = 0;
  let doubles = new Float64Array(0);
  let known = 0;
  let closed = false;
  let behind = false;

  const open = (): typeof files => {
    let first: number | undefined;
    try {
      first = fs.openSync(`${path}.keys`, 'r');
      return { keys: first, values: fs.openSync(`${path}.values`, 'r') };
    } catch {
      if (first !== undefined) fs.closeSync(first);
      return undefined;
    }
  };

  const refresh = (): void => {
    if (closed) return;
    files ??= open();
    if (files === undefined) return;
    const { size } = fs.fstatSync(files.keys);
    const more = keys.broken || size > MOST_BYTES ? 0 : size - read;
    if (more > 0) {
      const text = new Uint8Array(Math.min(more, KEYS_PER_READ));
      const length = fs.readSync(files.keys, text, 0, text.length, read);
      keys.read(decoder.decode(text.subarray(0, length), { stream: true }));
      read += length;
      behind = more > KEYS_PER_READ;
    }
    const places = Math.min(keys.length, MOST_BYTES / 8);
    if (places > doubles.length) {
      const larger = new Float64Array(places);
      larger.set(doubles.subarray(0, known));
      doubles = larger;
    }
    const length = fs.readSync(files.values, new Uint8Array(doubles.buffer), 0, doubles.byteLength, 0);
    known = Math.max(known, Math.floor(length / 8));
  };

  return {
    read() {
      behind = false;
      try {
        refresh();
      } catch {
        // What is known of it still counts.
      }
      return { metrics: keys.metrics, values: doubles.subarray(0, known) };
    },
    get behind() {
      return behind;
    },
    close() {
      closed = true;
      if (files === undefined) return;
      fs.closeSync(files.keys);
      fs.closeSync(files.values);
      files = undefined;
    },
  };
}
