// Sends itself SIGTERM twice, each time with no listener but the preload's.
import { setTimeout as pause } from 'node:timers/promises';

const listened = async (wanted) => {
  while (process.listenerCount('SIGTERM') > 0 !== wanted) await pause(5);
};
console.log(process.pid);
for (let i = 0; i < 2; i++) {
  process.kill(process.pid, 'SIGTERM');
  // The preload lets go of the signal to flush and to die of it, and listens again where it survives.
  await listened(false);
  await listened(true);
  console.log('alive after SIGTERM');
}
process.exit(0);
