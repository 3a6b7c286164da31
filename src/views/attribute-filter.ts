import type { AttributeRule } from '../config/types.ts';
import { matcher } from './pattern.ts';

/** Names whose decision is remembered; an app that makes up names then costs time, not memory. */
const REMEMBERED = 1000;

/**
 * Which attributes a series keeps: the last rule that matches an attribute's name decides.
 *
 * @param defaultKeep decides if no rule matches
 */
export function createAttributeFilter(
  rules: readonly AttributeRule[],
  defaultKeep: (name: string) => boolean,
): (name: string) => boolean {
  const compiled = rules.map(({ attribute, keep }) => ({ matches: matcher(attribute), keep }));
  const decisions = new Map<string, boolean>();
  return (name) => {
    let keep = decisions.get(name);
    if (keep === undefined) {
      keep = compiled.findLast(({ matches }) => matches(name))?.keep ?? defaultKeep(name);
      if (decisions.size < REMEMBERED) decisions.set(name, keep);
    }
    return keep;
  };
}
