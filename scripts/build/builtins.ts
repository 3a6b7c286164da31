import { type Plugin, RolldownMagicString } from 'rolldown';

/** As the bundler writes it: `import module, { join as joined } from "node:path";` */
const IMPORT = /^import (?:(\w+)(?:, )?)?(?:\{ ([^}]*) \}|\* as (\w+))? from "((?:node:)?[\w/]+)";$/gm;

/**
 * Gets the modules of Node.js by the function that a chunk exports as `getBuiltinModule`, or in that chunk itself from
 * Node.js. An `import` would make a second module of each of their exports, calling every getter among them, which
 * takes a tenth of the start; and it would fix what the app's own imports see before its instrumentations have wrapped it.
 */
export function withoutImportsOfBuiltins(provider: string): Plugin {
  return {
    name: 'without-imports-of-builtins',
    renderChunk(text, { fileName, exports }) {
      const provides = fileName === provider;
      if (provides && !exports.includes('getBuiltinModule'))
        throw new Error(`${provider} has no getBuiltinModule`);
      const get = provides ? 'process.getBuiltinModule' : 'builtin';
      const code = new RolldownMagicString(text);
      // In the line of the first, so that no line moves.
      let first = provides ? '' : `import { getBuiltinModule as ${get} } from "./${provider}"; `;
      for (const { index, 0: all, 1: whole, 2: names, 3: namespace, 4: builtin } of text.matchAll(IMPORT)) {
        const call = `${get}("${builtin}")`;
        const constants = [
          ...[whole, namespace].flatMap((name) => (name === undefined ? [] : [`const ${name} = ${call};`])),
          ...(names === undefined ? [] : [`const { ${names.replaceAll(' as ', ': ')} } = ${call};`]),
        ];
        code.overwrite(index, index + all.length, first + constants.join(' '));
        first = '';
      }
      return { code };
    },
  };
}
