import { SIMULATOR_KEY } from '@gateway/local/stack/environment';
import { portkeyHeaders, startPortkey } from '@gateway/local/stack/portkey';
import { startProxy } from '@gateway/local/stack/proxies';
import type { Simulator } from '@gateway/local/simulator';
import type { Door } from './ask.ts';
import type { Subject } from './fault-matrix.ts';

export type Beside = {
  readonly subjects: readonly Subject[];
  readonly stop: () => Promise<void>;
};

const PASSING = [408, 429, 500, 502, 503, 504];
/**
 * As Portkey's documentation configures failover: on what passes, on a target that is without headers for as long as ours may be
 * without a token, and with its circuit breaker as quick as it may be. No retries, which it would make before it asks the second
 * target: more would be asked, and nothing more answered.
 */
const FAILOVER = {
  strategy: {
    on_status_codes: PASSING,
    cb_config: {
      failure_threshold: 3,
      cooldown_interval: 30_000,
      failure_status_codes: PASSING,
      minimum_requests: 3,
    },
  },
  request_timeout: 12_000,
} as const;

/** What else somebody might put between a client and the same two gateways. */
export async function startBeside(simulator: Simulator, folder: string): Promise<Beside> {
  const portkey = await startPortkey();
  try {
    const proxy = await startProxy('native pass-through', { folder, upstream: simulator.url });
    return {
      subjects: [
        subject('Portkey', portkeyDoor(portkey.url, simulator)),
        subject('bare pass-through', {
          baseUrl: proxy.urlOf('proxy'),
          token: SIMULATOR_KEY,
          headers: {},
          // There is but one that can have answered.
          namedIn: () => 'openrouter',
        }),
      ],
      async stop() {
        await proxy.stop();
        await portkey.stop();
      },
    };
  } catch (cause) {
    await portkey.stop();
    throw cause;
  }
}

const subject = (name: string, door: Door): Subject => ({
  name,
  newcomer: async () => ({ door, books: null }),
});

function portkeyDoor(url: string, simulator: Simulator): Door {
  const targetAt = (base: string) => ({
    provider: 'openai' as const,
    url: simulator.urlOf(base),
    apiKey: SIMULATOR_KEY,
  });
  return {
    baseUrl: url.replace(/\/chat\/completions$/, ''),
    token: SIMULATOR_KEY,
    headers: portkeyHeaders([targetAt('api'), targetAt('vercel')], FAILOVER),
    namedIn: (headers) => names.get(headers.get('x-portkey-last-used-option-index') ?? '') ?? null,
  };
}

const names: ReadonlyMap<string, string> = new Map([
  ['config.targets[0]', 'openrouter'],
  ['config.targets[1]', 'vercel'],
]);
