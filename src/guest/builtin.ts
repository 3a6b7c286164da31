/**
 * `process.getBuiltinModule` as it was before the app was loaded, for every module that the app's instrumentations
 * may patch. They replace that function and patch a module when somebody asks for it, so that asking through theirs
 * would patch what the app itself never uses. An `import` of ours would fix the names that the app's own imports of the
 * module see, before they are patched.
 */
export const getBuiltinModule: NodeJS.Process['getBuiltinModule'] = process.getBuiltinModule.bind(process);
