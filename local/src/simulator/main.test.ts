import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';

const Line = z.object({ url: z.string(), pid: z.number() });

it('the simulator runs as a process of its own, says where it is in one line, and ends on SIGTERM', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--api-key', 'right'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: unknown[] = await once(createInterface(child.stdout), 'line');
  const { url, pid } = Line.parse(JSON.parse(String(printed[0])));
  expect(pid).toBe(child.pid);
  expect((await fetch(`${url}/models`)).status).toBe(200);
  expect((await fetch(`${url}/generation?id=x`)).status).toBe(401);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
