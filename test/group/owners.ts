import type { Owner } from '../../src/group/port/owner.ts';

/** What a process says that owns the port, but for what matters to a test. */
export const ownerOf = (changes: Partial<Owner> = {}): Owner => ({
  service: 'a "service"\n é',
  group: '0123456789',
  epoch: '0123456789ab',
  id: '4194304-65535-0123abcd',
  pid: 4194304,
  format: 2,
  endpoint: { network: '', host: 'localhost', port: 9464 },
  address: 'loopback',
  ...changes,
});
