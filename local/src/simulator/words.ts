import { randomOf } from './random.ts';

export type Flavour = 'plain' | 'multibyte' | 'code';

const vocabulary: Readonly<Record<Flavour, readonly string[]>> = {
  plain:
    'the river carried small boats past quiet houses while evening light fell over fields and somebody sang about rain'.split(
      ' ',
    ),
  // Two, three and four bytes a character, characters of several code points, and a direction mark.
  multibyte: [
    'naïve',
    'Übergröße',
    'Привет',
    '日本語',
    '한국어',
    '😀',
    '👩‍👩‍👧',
    '🇪🇺',
    'e\u0301',
    'שלום',
    '€',
    '𝒳',
  ],
  // What JSON or SSE could stumble over: quotes, backslashes, line ends of all kinds, and text that looks like an event.
  code: [
    '"quoted"',
    'back\\slash',
    'a\nb',
    'tab\there',
    'c\r\nd',
    'u\u2028v',
    '{"k":[1]}',
    'data: x\n\n',
    '<|end|>',
    '\u0000',
    '${x}',
    '//',
  ],
};

/** The answer's text, a word a token, always the same for the same seed: a longer one begins with the shorter. */
export function wordsOf(flavour: Flavour, seed: number, count: number): readonly string[] {
  const random = randomOf(seed);
  const words = vocabulary[flavour];
  return Array.from({ length: count }, (_, index) => {
    const word = words[Math.floor(random() * words.length)] ?? '';
    return index === 0 ? word : ` ${word}`;
  });
}

/** What is left to say after a text that the answer begins with; all of it after any other text. */
export function wordsAfter(words: readonly string[], prefix: string): readonly string[] {
  if (!words.join('').startsWith(prefix)) return words;
  let skipped = 0;
  return words.flatMap((word) => {
    const rest = word.slice(Math.max(0, prefix.length - skipped));
    skipped += word.length;
    return rest === '' ? [] : [rest];
  });
}
