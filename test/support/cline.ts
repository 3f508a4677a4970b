import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, startTimeOf } from '@gateway/local/stack/processes';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import type { Client } from './client.ts';
import { installed } from './installed.ts';
import { launch } from './program-run.ts';

const PROVIDER = 'openai-compatible';

/** Cline's CLI, set up as `cline auth -p openai-compatible -b …` does it. */
export async function cline(): Promise<Client> {
  const { file, version } = await installed({ name: 'cline', command: 'cline' });
  return {
    name: 'cline',
    version,
    said: resultIn,
    computer({ url, token }) {
      const home = mkdtempSync(join(tmpdir(), 'cline-test-'));
      const folder = join(home, 'work');
      mkdirSync(folder);
      const settings = join(home, '.cline', 'data', 'settings');
      mkdirSync(settings, { recursive: true });
      return {
        folder,
        begin(prompt, model) {
          const configuration = JSON.stringify(configurationOf({ url, token, model }));
          writeFileSync(join(settings, 'providers.json'), configuration);
          return launch({ file, args: ['--json', prompt], folder, environment: { HOME: home } });
        },
        async remove() {
          await endHub(home);
          rmSync(home, { recursive: true, force: true });
        },
      };
    },
  };
}

type Wanted = { readonly url: string; readonly token: string | null; readonly model: string };

const configurationOf = ({ url, token, model }: Wanted) => ({
  version: 1,
  lastUsedProvider: PROVIDER,
  modes: {},
  providers: {
    [PROVIDER]: {
      settings: {
        provider: PROVIDER,
        apiKey: token ?? 'anonymous',
        model,
        baseUrl: `${url}/api/openrouter`,
      },
      tokenSource: 'manual',
      updatedAt: '2026-01-01T00:00:00.000Z',
    },
  },
});

const Result = z.object({ type: z.literal('run_result'), text: z.string() });

function resultIn(output: string): string {
  const results = output.split('\n').flatMap((line) => {
    const json = parseJson(line);
    const result = Result.safeParse(json.ok ? json.value : null);
    return result.success ? [result.data.text] : [];
  });
  return results.join('');
}

const Lock = z.object({ pid: z.int() });

/** It leaves a daemon behind, which says in a file who it is. */
async function endHub(home: string): Promise<void> {
  const lock = join(home, '.cline', 'data', 'locks', 'hub', 'production.json');
  if (!existsSync(lock)) return;
  const { pid } = Lock.parse(JSON.parse(readFileSync(lock, 'utf8')));
  // A pid is given out again: only the daemon that was begun in this folder is ours to end.
  while (startTimeOf(pid) !== null && commandOf(pid).includes(home)) {
    process.kill(pid, 'SIGKILL');
    await sleep(20);
  }
}
