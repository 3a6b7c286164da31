/**
 * The name that was probably meant: at most three letters away, and no more than half of it.
 * @param most letters, if not three
 */
export function closest(name: string, known: readonly string[], most = 3): string | undefined {
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const edits = distance(name, candidate);
    if (edits < bestDistance && edits * 2 <= candidate.length) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const [insert = 0, erase = 0, swap = 0] = [current[column - 1], above[column], above[column - 1]];
      current.push(Math.min(insert + 1, erase + 1, swap + (a[row - 1] === b[column - 1] ? 0 : 1)));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
