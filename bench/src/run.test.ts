import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { publish } from './publish.ts';
import { run } from './run.ts';

const Told = z.object({
  goals: z.array(z.object({ goal: z.string(), measured: z.number().nullable() })),
  figures: z.array(
    z.object({
      workload: z.string(),
      target: z.string(),
      answers: z.number(),
      failures: z.number(),
      totalMs: z.object({ p50: z.number(), p99: z.number() }),
    }),
  ),
});

/** It starts two gateways: only a guard. */
const TEST_MS_MAX = 300_000;

// Linux alone tells what a process has used.
test.runIf(process.platform === 'linux')(
  'a run in small tells of everything that was asked, for people, for programs, and for the pages',
  async () => {
    const report = await run(
      {
        what: { kind: 'cost', plan: 'part', extent: 'tiny' },
        say: () => undefined,
        progress: () => undefined,
      },
      new AbortController().signal,
    );
    expect(report.isIncomplete).toBe(false);

    const { figures, goals } = Told.parse(report.json);
    const asked = (workload: string) =>
      figures.filter((row) => row.workload === workload).map(({ target }) => target);
    const targets = [
      'upstream directly',
      'native pass-through',
      'tee() pass-through',
      'gateway, paid',
      'gateway, free and anonymous',
      'gateway, own key',
      'gateway, paid, without ledger',
    ];
    expect(asked('small answers, one client')).toEqual(targets);
    expect(asked('100 events streamed, 16 clients')).toEqual(targets);
    expect(figures.filter(({ failures }) => failures > 0)).toEqual([]);
    for (const { target } of figures) expect(report.text).toContain(`  ${target}`);
    const added = goals.find(({ goal }) => goal === 'added at one client, p50: gateway, paid');
    expect(added?.measured).toEqual(expect.any(Number));

    const docs = mkdtempSync(join(tmpdir(), 'bench-docs-'));
    onTestFinished(() => rmSync(docs, { recursive: true, force: true }));
    cpSync(fileURLToPath(new URL('../../docs', import.meta.url)), docs, { recursive: true });
    publish(docs, report.pages, report.charts);
    const page = readFileSync(join(docs, 'performance.md'), 'utf8');
    expect(page).toContain('## Where the time goes');
    for (const { file } of report.charts) {
      expect(page).toContain(`](performance/${file})`);
      expect(readdirSync(join(docs, 'performance'))).toContain(file);
      expect(readFileSync(join(docs, 'performance', file), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
    }
  },
  TEST_MS_MAX,
);
