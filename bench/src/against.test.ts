import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { root } from '@gateway/local/root';
import { against, type AgainstAsked } from './against.ts';
import { roles } from './comparison.ts';

const Ratio = z.object({ rounds: z.literal(2), median: z.number().positive() });
const Told = z.object({
  commit: z.string(),
  comparisons: z.array(
    z.object({
      workload: z.string(),
      figures: z.record(z.enum(roles), z.object({ answers: z.number(), failures: z.number() })),
      // CPU time is counted in steps that so few answers may not fill.
      ratios: z.object({ p50Ms: z.object({ after: Ratio, control: Ratio }) }),
    }),
  ),
});

const asked: AgainstAsked = {
  ref: 'HEAD',
  only: ['streamed', 'own-key'],
  rounds: 2,
  extent: 'tiny',
  say: () => undefined,
  progress: () => undefined,
};

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** A copy without its history has no commit to compare with. Linux alone tells what a process has used. */
const canCompare = process.platform === 'linux' && existsSync(join(root, '.git'));

/** @returns what looks whether a run has left anything: a file, or a tree that git knows. */
function ownFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-against-'));
  chmodSync(folder, 0o711);
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    // Wrangler keeps a note of its own there.
    expect(readdirSync(folder).filter((name) => name.startsWith('llm-gateway'))).toEqual([]);
    expect(git('worktree', 'list')).not.toContain(folder);
  };
}

/** It starts three gateways: only a guard. */
const TEST_MS_MAX = 300_000;

test.runIf(canCompare)(
  'a commit and this tree answer the same questions, and nothing is left of the commit’s tree',
  async () => {
    const expectNothingLeft = ownFolder();
    const report = await against(asked, new AbortController().signal);
    const { commit, comparisons } = Told.parse(report.json);
    expect(report.isIncomplete).toBe(false);
    expect(comparisons.map(({ workload }) => workload)).toEqual([
      '100 events streamed, 16 clients (5 at each)',
      'small answers, 16 clients, own key (5 at each)',
    ]);
    for (const { figures } of comparisons) {
      for (const role of roles) expect(figures[role]).toMatchObject({ answers: 12, failures: 0 });
    }
    expect(report.text).toContain('control / before');
    expect(commit).toBe(git('rev-parse', 'HEAD'));
    expectNothingLeft();
  },
  TEST_MS_MAX,
);

test.runIf(canCompare)(
  'a comparison that is broken off while it bundles leaves nothing behind',
  async () => {
    const expectNothingLeft = ownFolder();
    const ended = new AbortController();
    const say = () => setTimeout(() => ended.abort(), 500);
    await expect(against({ ...asked, say }, ended.signal)).rejects.toThrow('ended early');
    expectNothingLeft();
  },
);

test('a commit that there is not is refused, in words', async () => {
  const nothing = against({ ...asked, ref: 'no-such-branch' }, new AbortController().signal);
  await expect(nothing).rejects.toThrow('git knows no commit no-such-branch.');
});
