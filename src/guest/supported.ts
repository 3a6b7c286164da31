const MINIMUM = [22, 15] as const;
const NEEDED = `${MINIMUM.join('.')} or newer`;

/** Why nothing can be measured here; undefined on a supported Node.js. Bun and Deno report a version of Node.js too. */
export function unsupported({ bun, deno, node }: NodeJS.ProcessVersions): string | undefined {
  const other = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : undefined;
  if (other !== undefined) return `${other} is not supported, only Node.js ${NEEDED} is; nothing is measured`;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return undefined;
  return `Node.js ${node} is too old, ${NEEDED} is needed; nothing is measured`;
}

/**
 * Whether Node.js publishes the beginning and the end of requests over HTTP/2: 22.18, 24.3 and newer do.
 * https://nodejs.org/api/diagnostics_channel.html#http2
 */
export function publishesStreams(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 3) || (major === 22 && minor >= 18);
}

const reason = unsupported(process.versions);
let told = false;

/** Whether anything can be measured here; if not, the first call writes one line with the reason. */
export function isSupported(write: (line: string) => void): boolean {
  if (reason !== undefined && !told) write(`routemeter: ${reason}\n`);
  told = true;
  return reason === undefined;
}
