/**
 * Keeps a core from going to sleep, at the lowest priority: what it takes to wake a core up would else be counted as
 * CPU time of whoever is woken, and is several times what a request takes.
 */
const { spawnSync } = require('node:child_process');
const { constants, setPriority } = require('node:os');
const control = require('./control.cjs');

const SLICE_MILLIS = 20;

if (spawnSync('chrt', ['--idle', '--pid', '0', String(process.pid)]).status !== 0) {
  setPriority(constants.priority.PRIORITY_LOW);
}

function spin() {
  const end = performance.now() + SLICE_MILLIS;
  while (performance.now() < end);
  setImmediate(spin);
}

control({});
spin();
