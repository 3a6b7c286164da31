import { getBuiltinModule } from './builtin.ts';

/** In bytes: what is read at once, and what is read at most. */
const CHUNK = 1 << 18;
const MOST = 1 << 25;

/**
 * Which of the texts are in one of the files. Reads a piece at a time; between two pieces nothing keeps the process alive,
 * and if it ends the search does, too. A file that cannot be read has none.
 *
 * @param texts of ASCII
 */
export async function findTexts(files: readonly string[], texts: readonly string[]): Promise<Set<string>> {
  const { open, stat } = getBuiltinModule('node:fs/promises');
  const found = new Set<string>();
  const overlap = Math.max(0, ...texts.map(({ length }) => length - 1));
  let left = MOST;

  const search = async (file: string): Promise<void> => {
    // Whoever opens a pipe waits for a writer; it has no size.
    const { size } = await stat(file);
    if (size === 0) return;
    const piece = Buffer.alloc(Math.min(CHUNK, size));
    const handle = await open(file);
    try {
      for (let at = 0; at < size && left > 0; at += CHUNK - overlap) {
        const { bytesRead } = await handle.read(piece, 0, piece.length, at);
        const read = piece.subarray(0, bytesRead);
        for (const text of texts) if (read.includes(text, 0, 'latin1')) found.add(text);
        left -= bytesRead;
        await new Promise((resolve) => setTimeout(resolve, 1).unref());
      }
    } finally {
      await handle.close();
    }
  };

  for (const file of files) await search(file).catch(() => {});
  return found;
}
