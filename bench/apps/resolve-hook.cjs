/** The least that any hook into the resolution of modules costs. */
const { registerHooks } = require('node:module');

registerHooks({ resolve: (specifier, context, next) => next(specifier, context) });
