/**
 * Whether a text matches a pattern as a whole, in time linear in the text. Letter case counts.
 *
 * @param pattern each `*` stands for any text, even an empty one; everything else stands for itself
 */
export function matcher(pattern: string): (text: string) => boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return (text) => text === pattern;
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    let at = head.length;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}
