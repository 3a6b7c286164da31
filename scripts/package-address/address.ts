/** `git@host:owner/name.git`, `ssh://git@host/owner/name.git`, `https://host/owner/name` */
const REMOTE =
  /^(?:git\+)?(?:(?:https|ssh|git):\/\/(?:[^@/\s]*@)?|[\w.-]+@(?=[^/\s]+:))(?<host>[\w-]+(?:\.[\w-]+)+)(?::\d+)?[/:](?<path>[\w./~-]*[\w~-])\/?$/;

/**
 * Where people find a repository, from how git or a person names it: without user, password and port, which may be secret
 * or private.
 *
 * @returns `https://host/owner/name`; undefined if it is not the address of a host, such as a folder
 */
export function addressOf(remote: string): string | undefined {
  const { host, path } = REMOTE.exec(remote.trim())?.groups ?? {};
  const name = path?.replace(/\.git$/, '').replace(/^\/+/, '');
  return host === undefined || name === undefined || !/^[^/]+(\/[^/]+)+$/.test(name)
    ? undefined
    : `https://${host}/${name}`;
}

/** The manifest with `homepage`, `repository` and `bugs` after its description, in place of those it had. */
export function withAddress(
  manifest: Readonly<Record<string, unknown>>,
  address: string,
): Record<string, unknown> {
  const fields = {
    homepage: `${address}#readme`,
    repository: { type: 'git', url: `git+${address}.git` },
    bugs: { url: `${address}/issues` },
  };
  const { homepage: _, repository: __, bugs: ___, ...others } = manifest;
  const entries = Object.entries(others);
  const at = entries.findIndex(([key]) => key === 'description') + 1;
  return Object.fromEntries([...entries.slice(0, at), ...Object.entries(fields), ...entries.slice(at)]);
}
