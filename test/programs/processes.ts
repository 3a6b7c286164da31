import { readdirSync, readFileSync } from 'node:fs';

/** Processes whose environment has this HOME, by id: a program, and whatever it has started. */
export function processesAt(home: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0');
      if (!environment.includes(`HOME=${home}`)) continue;
      found.set(Number(entry), readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
    } catch {
      // It has ended in the meantime.
    }
  }
  return found;
}

export function killAllAt(home: string): void {
  for (const pid of processesAt(home).keys()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}
