import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import { runWrangler, WranglerFailed } from '../../workerd/wrangler.ts';
import type { Caching } from './deployed-worker.ts';

/** Asks the account that CLOUDFLARE_API_TOKEN opens. */
export async function cachingOf(
  id: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Caching> {
  if (id === undefined || !environment['CLOUDFLARE_API_TOKEN']) return 'unknown';
  try {
    return cachingIn(await runWrangler(['hyperdrive', 'get', id]));
  } catch (cause) {
    if (cause instanceof WranglerFailed) return 'no-such-configuration';
    throw cause;
  }
}

const Configuration = z.object({ caching: z.object({ disabled: z.boolean().default(false) }) });

/** Caching is on where nobody has said that it is off. */
export function cachingIn(said: string): Caching {
  const json = parseJson(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1));
  const read = Configuration.safeParse(json.ok ? json.value : null);
  return read.success && read.data.caching.disabled ? 'off' : 'on';
}
