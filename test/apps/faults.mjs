// Before the preload: makes the places named in FAULTS fail, wherever our code is called from the app's.
globalThis[Symbol.for('routemeter.faults')] = new Set(process.env.FAULTS.split(','));
