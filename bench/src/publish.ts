import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chart } from './chart.ts';

/** What a page shows of a run: between `<!-- name -->` and `<!-- /name -->`. What people wrote around it stays. */
export type Page = { readonly file: string; readonly blocks: Readonly<Record<string, string>> };

/** Beside the pages. */
const CHARTS = 'performance';

export function publish(docs: string, pages: readonly Page[], charts: readonly Chart[]): void {
  for (const { file, blocks } of pages) {
    const path = join(docs, file);
    writeFileSync(path, withBlocks(readFileSync(path, 'utf8'), blocks));
  }
  mkdirSync(join(docs, CHARTS), { recursive: true });
  for (const { file, svg } of charts) writeFileSync(join(docs, CHARTS, file), svg);
}

export function withBlocks(page: string, blocks: Page['blocks']): string {
  return Object.entries(blocks).reduce((text, [name, block]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from < 0 || to < from) throw new Error(`The page has no place for ${name}.`);
    return `${text.slice(0, from + open.length)}\n\n${block.trim()}\n\n${text.slice(to)}`;
  }, page);
}

/** As it would be printed. */
export const verbatim = (text: string): string => `\`\`\`\n${text.trim()}\n\`\`\``;

export const pictures = (charts: readonly Chart[]): string =>
  charts.map(({ file, title, shows }) => `![${title}](${CHARTS}/${file})\n\n${shows}`).join('\n\n');
