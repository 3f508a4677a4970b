import { faultNames, wall } from '@gateway/local/simulator';
import { answerOf, type Observed } from './verdict.ts';
import type { Outcome } from './fault-matrix.ts';

const HEAD = ['', 'fault', 'what the caller saw', 'calls', 'time', 'verdict', 'rows'];

/** One row for each fault, in columns. */
export function tableOf(outcomes: readonly Outcome[], whole: string): string {
  const rows = [HEAD, ...outcomes.map((outcome) => rowOf(outcome, whole))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const rowOf = ({ fault, observed, books, problems }: Outcome, whole: string): readonly string[] => [
  String(faultNames.indexOf(fault) + 1),
  wall[fault].what,
  seenIn(observed, whole),
  callsIn(observed),
  timeOf(observed),
  problems.length === 0 ? 'correct' : `WRONG: ${problems.join('; ')}`,
  books === null
    ? ''
    : `${books.rows.length} for ${books.used} µ$, attempts ${countedWords(books.attempts.map(({ ending }) => ending))}`,
];

/** In a caller's words. */
export const seenIn = (observed: readonly Observed[], whole: string): string =>
  countedWords(observed.map(({ saw }) => wordsOf(saw, whole)));

function wordsOf(saw: Observed['saw'], whole: string): string {
  const answer = answerOf(saw, whole);
  const words = saw.text === '' ? 0 : saw.text.split(' ').length;
  switch (answer) {
    case 'whole':
      return `whole, from ${saw.named ?? 'somebody'}`;
    case 'truncated':
      return `${words} of 60 tokens, as if they were all`;
    case 'garbled':
      return 'other words than the model said';
    case 'said':
      return words === 0 ? `error ${saw.status}` : `${words} of 60 tokens, then an error`;
    case 'broken':
      return words === 0 ? 'a broken connection' : `${words} of 60 tokens, then a break`;
    case 'hung':
      return `${words} of 60 tokens, then nothing`;
  }
}

const callsIn = (observed: readonly Observed[]): string =>
  countedWords(
    observed.flatMap(({ calls }) =>
      calls.map(({ gateway, status }) => `${gateway} ${status === 0 ? '—' : status}`),
    ),
  );

/** The slowest of them. */
export const timeOf = (observed: readonly Observed[]): string =>
  `${(Math.max(...observed.map(({ saw }) => saw.endedAt - saw.startedAt)) / 1000).toFixed(1)} s`;

/** `a, 3 × b`, in the order in which they came. */
function countedWords(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count === 1 ? word : `${count} × ${word}`)).join(', ');
}
