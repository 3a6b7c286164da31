import { findTexts } from './find-texts.ts';

/** A package, and the texts by which a file is recognised that contains it; without them it cannot be recognised. */
interface Recognisable {
  readonly package: string;
  readonly bundled?: readonly string[];
}

/** The packages of which all texts are in these files. Rejects never. */
export async function findBundled(
  files: Iterable<string>,
  packages: Iterable<Recognisable>,
): Promise<readonly string[]> {
  const marked = [...packages].flatMap(({ package: name, bundled }) =>
    bundled === undefined ? [] : [{ name, bundled }],
  );
  const texts = await findTexts(
    [...files],
    marked.flatMap(({ bundled }) => bundled),
  );
  return marked.filter(({ bundled }) => bundled.every((text) => texts.has(text))).map(({ name }) => name);
}
