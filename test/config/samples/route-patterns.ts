/** Patterns of `ROUTEMETER_ROUTES`. */
import { each } from './sample.ts';

export const GOOD_PATTERNS: readonly (readonly string[])[] = [
  ['/users/:id', '/f/:x?', '/files/*'],
  ['/'],
  ['/:a', '/:a/:a', '/:a/x', '/:a/', '/:a-x', '/:a.x', '/v:a', '/:a-:b', '/:a.:b', '/x/:a.json'],
  ['/:a?', '/x/:a?', '/x/:a/:b'],
  ['/*', '/a*', '/a/*', '/:a/*'],
  ['/ é', '/a.b-c_d~e', '//'],
];

/** Patterns of other frameworks by what is written here; empty where there is nothing. */
const OTHER_SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  '/users/:id': ['/users/{id:int}', '/users/<id>', '/users/<int:id>', '/users/[id]'],
  '/users/:id/posts/:post': ['/users/{id}/posts/{post}'],
  '/users/:id?': ['/users/{id?}', '/users{/:id}'],
  '/files/:name.json': ['/files/{name}.json'],
  '/files/*': [
    ...['/files/{*path}', '/files/{path:path}', '/files/{path...}', '/files/<path:name>'],
    ...['/files/[...path]', '/files/[[...path]]'],
  ],
  '': ['/users/{user-id}', '/users/{}', '/users/{id', '/a]'],
};

/** What is wrong with each of some patterns. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  'does not start with /': ['users', '*'],
  'has a query': ['/a?b=1'],
  'has an optional parameter that is not the whole last segment': [
    ...['/a/:id?b=1', '/a/:id?/b', '/a/:id?/', '/v:id?', '/:a-:b?'],
  ],
  'has a * before its end: "/a/*"': ['/a/*id', '/a/**'],
  'has a * before its end: "/*"': ['/**'],
  'has a * before its end': ['/a/*id*', '/*/b'],
  'has a #, which no path contains': ['/a#b'],
  'is percent-encoded: "/a b/:id"': ['/a%20b/:id'],
  'is percent-encoded: "/a/b"': ['/a%2Fb'],
  'is percent-encoded': ['/a%3Fb', '/a%ff'],
  'has a parenthesis': ['/a/:id(', String.raw`/a/:id(^\d+$)`, '/a)'],
  'has a backslash': [String.raw`/a/\d+`, String.raw`/a/\:b`],
  'has a double colon': ['/a::b', '/:a::'],
  'has a * in the segment of a parameter': ['/:a-*', '/:a*'],
  'has a parameter whose name contains more than letters, digits and _': [
    ...['/:', '/:/a', '/:-a', '/:é', '/:a:b', '/:a+b'],
  ],
};

/** The second pattern of each pair, and what is wrong with it beside the first. */
const CLASHES: readonly (readonly [first: string, second: string, what: string])[] = [
  ['/c', '/c', 'is given twice'],
  ['/:a/x/:b', '/:c/x/:d', 'clashes with "/:a/x/:b"'],
  ['/:a-:b', '/:c-:d', 'clashes with "/:a-:b"'],
  ['/:a/*', '/:b/*', 'clashes with "/:a/*"'],
  ['/a', '/a/:b?', 'clashes with "/a"'],
  ['/a/:b?', '/a', 'clashes with "/a/:b?"'],
  ['/a/:b?', '/a/:c', 'clashes with "/a/:b?"'],
  ['/', '/:a?', 'clashes with "/"'],
];

/** Lists of patterns, and what is wrong with the last one of each. */
export const BAD_PATTERNS: Readonly<Record<string, string>> = {
  ...Object.assign(
    {},
    ...Object.entries(FAULTS).map(([what, patterns]) =>
      each(patterns, (pattern) => `${JSON.stringify(pattern)} ${what}`),
    ),
  ),
  ...Object.assign(
    {},
    ...Object.entries(OTHER_SPELLINGS).map(([here, patterns]) => {
      const hint = here === '' ? '' : `: "${here}"`;
      return each(patterns, (text) => `"${text}" has a bracket, but a parameter is written :name${hint}`);
    }),
  ),
  ...Object.fromEntries(
    CLASHES.map(([first, second, what]) => [`${first},${second}`, `"${second}" ${what}`]),
  ),
};
