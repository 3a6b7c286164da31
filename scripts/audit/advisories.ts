/** What `npm audit --json` reports, as far as it is read here. */
export interface AuditReport {
  readonly vulnerabilities: Readonly<
    Record<string, { readonly nodes: readonly string[]; readonly via: readonly (string | Cause)[] }>
  >;
}

/** Vulnerable packages that only depend on another vulnerable one have its name in place of this. */
interface Cause {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly severity: string;
  readonly range: string;
}

/** An advisory that does not fail the check, since what it is about is not reached. */
export interface Accepted {
  /** Its URL. */
  readonly url: string;
  readonly reason: string;
}

export interface Verdict {
  /** What users get, and nobody has accepted. */
  readonly failing: readonly string[];
  /** What only developers have, is of low severity, or has been accepted. */
  readonly noted: readonly string[];
}

/**
 * @param isShipped whether users get what is at this place of the lockfile: `node_modules/koa`
 */
export function judge(
  { vulnerabilities }: AuditReport,
  isShipped: (place: string) => boolean,
  accepted: readonly Accepted[],
): Verdict {
  const failing: string[] = [];
  const noted: string[] = [];
  for (const { nodes, via } of Object.values(vulnerabilities)) {
    for (const cause of via) {
      if (typeof cause === 'string') continue;
      const { name, range, severity, title, url } = cause;
      const line = `${name} ${range}, ${severity}: ${title} (${url})`;
      const reason = accepted.find((each) => each.url === url)?.reason;
      if (!nodes.some(isShipped)) noted.push(`${line}; only developers have it`);
      else if (reason !== undefined) noted.push(`${line}; accepted: ${reason}`);
      else if (severity === 'low' || severity === 'info') noted.push(line);
      else failing.push(line);
    }
  }
  return { failing, noted };
}

export interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly dependencies?: Readonly<Record<string, string>>;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
        readonly peerDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

/**
 * The places of the lockfile that users get: what npm installs with the package, and what is inside of its bundle.
 *
 * @param bundled by name and version: `koa@3.0.0`
 */
export function shippedPlaces({ packages }: Lockfile, bundled: ReadonlySet<string>): ReadonlySet<string> {
  const places = new Set(
    Object.entries(packages).flatMap(([place, { version }]) => {
      const name = place.slice(place.lastIndexOf(FOLDER) + FOLDER.length);
      return place.includes(FOLDER) && bundled.has(`${name}@${version}`) ? [place] : [];
    }),
  );
  const needed = (from: string): string[] => {
    const { dependencies, optionalDependencies, peerDependencies } = packages[from] ?? {};
    return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).flatMap(
      (name) => placeOf(packages, name, from) ?? [],
    );
  };
  const installed = new Set(needed(''));
  for (const place of installed) for (const next of needed(place)) installed.add(next);
  return new Set([...places, ...installed]);
}

const FOLDER = 'node_modules/';

/** Where Node.js finds a package: in the nearest folder of packages. */
function placeOf(packages: Lockfile['packages'], name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(FOLDER) - 1))) {
    const place = `${folder === '' ? '' : `${folder}/`}${FOLDER}${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === '') return undefined;
  }
}
