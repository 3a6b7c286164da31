/** Of the presence of a member that goes on under another id, of which it had `id` so far. */
export function renewedId(id: string): string {
  const [, own = id, number = '0'] = /^(.*?)(?:_(\d+))?$/.exec(id) ?? [];
  return `${own}_${Number(number) + 1}`;
}

/** Equal for all ids under which a member has gone on. */
export function memberOf(id: string): string {
  return id.replace(/_\d+$/, '');
}
