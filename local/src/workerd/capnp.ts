/** A text of Cap'n Proto's configuration language, which reads it as C would, and knows no `\u`. */
export function text(value: string): string {
  const json = JSON.stringify(value);
  if (/(?<!\\)(?:\\\\)*\\u/.test(json)) {
    throw new Error('A control character has no place in a configuration.');
  }
  return json;
}

export const list = (items: readonly string[]): string =>
  items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${item},\n`).join('')}  ]`;
