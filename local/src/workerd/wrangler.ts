import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../root.ts';

const run = promisify(execFile);

/** Where what can be made again is kept. */
export const cache = join(root, 'node_modules', '.cache');

export class WranglerFailed extends Error {
  override readonly name = 'WranglerFailed';
}

type Circumstances = {
  readonly signal?: AbortSignal | undefined;
  /** Instead of what the process has. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Wrangler, which asks nobody, tells nobody, and writes nothing outside of this folder. @returns what it said. */
export async function runWrangler(
  args: readonly string[],
  { signal, environment }: Circumstances = {},
): Promise<string> {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const quiet = {
    CI: '1',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: join(cache, 'wrangler.log'),
    XDG_CONFIG_HOME: join(cache, 'config'),
  };
  try {
    const said = await run(process.execPath, [wrangler, ...args], {
      cwd: root,
      env: { ...process.env, ...quiet, ...environment },
      ...(signal && { signal }),
    });
    return said.stdout;
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new WranglerFailed(said.trim());
  }
}
