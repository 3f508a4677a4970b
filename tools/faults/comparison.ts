import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultNames, wall } from '@gateway/local/simulator';
import { seenIn, timeOf } from './table.ts';
import type { Outcome } from './fault-matrix.ts';

const FILE = fileURLToPath(new URL('../../docs/faults.md', import.meta.url));
const [BEGIN, END] = ['<!-- npm run faults -- --compare -->', '<!-- end -->'];

/** What each gateway made of each fault, as a table in Markdown. */
export function comparisonOf(
  columns: readonly { readonly name: string; readonly outcomes: readonly Outcome[] }[],
  whole: string,
): string {
  const rows = faultNames.map((fault, index) => [
    `${index + 1}. ${wall[fault].what}`,
    ...columns.map(({ outcomes }) =>
      cellOf(
        outcomes.find((outcome) => outcome.fault === fault),
        whole,
      ),
    ),
  ]);
  const right = columns.map(({ outcomes }) => {
    const correct = outcomes.filter(({ problems }) => problems.length === 0);
    return `${correct.length} of ${outcomes.length}`;
  });
  return [
    ['fault', ...columns.map(({ name }) => name)],
    Array.from({ length: columns.length + 1 }, () => '---'),
    ...rows,
    ['right', ...right],
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cellOf(outcome: Outcome | undefined, whole: string): string {
  if (!outcome) return '';
  const { observed, problems } = outcome;
  const seen = `${seenIn(observed, whole)}; ${timeOf(observed)}`;
  // What the caller got instead is said already.
  const others = problems.filter((problem) => !problem.startsWith('the caller got'));
  const rest = others.length === 0 ? '' : ` (${others.join('; ')})`;
  return problems.length === 0 ? `✓ ${seen}` : `✗ ${seen}${rest}`;
}

/** Puts the table where the document has it. */
export function writeComparison(table: string): string {
  const text = readFileSync(FILE, 'utf8');
  const [before = '', rest = ''] = text.split(BEGIN);
  const [, after = ''] = rest.split(END);
  writeFileSync(FILE, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
  return FILE;
}
