import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { boundedLog } from './bounded-log.ts';

test('a log keeps the newest lines, and never more than twice its bound', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  const file = join(folder, 'workers.log');
  for (let run = 0; run < 3; run++) {
    const log = boundedLog(file, 1_000);
    for (let line = 0; line < 100; line++) {
      log.write(`run ${run} line ${line} ${'x'.repeat(20)}`);
      if (line % 25 === 0) await sleep(5);
    }
    log.close();
    await sleep(20);
  }
  const [now, old] = [readFileSync(file, 'utf8'), readFileSync(`${file}.old`, 'utf8')];
  expect(now).toContain('run 2 line 99 ');
  expect(statSync(file).size).toBeLessThan(1_100);
  expect(old.length).toBeLessThan(1_100);
  rmSync(folder, { recursive: true });
});
