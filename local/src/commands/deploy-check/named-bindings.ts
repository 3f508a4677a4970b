import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Names = { readonly named: ReadonlySet<string>; readonly words: ReadonlySet<string> };

/** What code does without where it is not there. */
const OPTIONAL = /^\s*readonly (?<field>[A-Z][A-Z0-9_]+)\?:/gm;
/** Fields of types of bindings, and of `env`. What the gateway asks of its generated `Env` is checked by the compiler. */
const NAMED = /\benv\.(?<of>[A-Z][A-Z0-9_]+)\b|^\s*readonly (?<field>[A-Z][A-Z0-9_]+)\??:/gm;
const WORDS = /\b[A-Z][A-Z0-9_]+\b/g;

export function namesIn(source: string): Names {
  const named = [...source.matchAll(NAMED)].map(
    ({ groups }) => groups?.['of'] ?? groups?.['field'],
  );
  const optional = new Set([...source.matchAll(OPTIONAL)].map(({ groups }) => groups?.['field']));
  return {
    named: new Set(
      named.filter((name) => name !== undefined).filter((name) => !optional.has(name)),
    ),
    words: new Set(source.match(WORDS)),
  };
}

/** Of a worker's own code: neither its tests nor what is generated. */
export const namesInFolder = (folder: string): Names =>
  namesIn(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.test|\.test-d)\.ts$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n'),
  );
