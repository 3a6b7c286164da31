import type { FileSystem } from './files.ts';
import { createKeyReader } from './keys.ts';
import type { State } from './state.ts';

/** No process writes as much: what is beyond is not read. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Bytes of keys per read: some thousand series. */
const KEYS_PER_READ = 128 * 1024;

/** Reads all series, letting the event loop go on between the reads of many new ones. */
export async function readWhole(reader: StateReader): Promise<State> {
  let state = reader.read();
  while (reader.behind) {
    await new Promise((resolve) => setImmediate(resolve));
    state = reader.read();
  }
  return state;
}

/** @param path without the endings; the files need not exist yet */
export function createStateReader(fs: FileSystem, path: string) {
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
    /** What they say now. What cannot be read stays as it was, and so does everything once the reader is closed. */
    read(): State {
      behind = false;
      try {
        refresh();
      } catch {
        // What is known of the process still counts.
      }
      return { metrics: keys.metrics, values: doubles.subarray(0, known) };
    },
    /** Whether there are more series, which the next read has. */
    get behind() {
      return behind;
    },
    close(): void {
      closed = true;
      if (files === undefined) return;
      fs.closeSync(files.keys);
      fs.closeSync(files.values);
      files = undefined;
    },
  };
}

export type StateReader = ReturnType<typeof createStateReader>;
