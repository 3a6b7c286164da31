/**
 * `process.getBuiltinModule` as it was before the app was loaded. Instrumentations replace it, and patch a module
 * when it is asked for: asking through theirs would patch modules that the app by itself would have left alone.
 */
export const getBuiltinModule: NodeJS.Process['getBuiltinModule'] = process.getBuiltinModule.bind(process);
