import { portkeyHeaders } from '@gateway/local/portkey';
import { agentBody } from './agent-body.ts';
import type { Asked } from './load.ts';
import type { ProxyName } from './proxies.ts';
import type { Servers } from './servers.ts';
import type { Workload } from './workloads.ts';

export type Target = {
  readonly name: string;
  readonly url: string;
  /** The processes whose CPU time is told. */
  readonly pids: Readonly<Partial<Record<'server' | 'postgres' | 'simulator', number>>>;
  readonly asker: (workload: Workload) => () => Asked;
};

const MODEL = 'sim/answer';
const FREE_MODEL = 'minimax/minimax-m2.5:free';
const OWN_KEY_MODEL = 'openai/gpt-5.2';

const targetNames = {
  direct: 'upstream directly',
  native: 'native pass-through',
  tee: 'tee() pass-through',
  parsed: 'parse and serialise',
  portkey: 'Portkey',
  paid: 'gateway, paid',
  free: 'gateway, free and anonymous',
  ownKey: 'gateway, own key',
  withoutLedger: 'gateway, paid, without ledger',
} as const;
export type TargetKey = keyof typeof targetNames;

export function targetsOf(servers: Servers): Readonly<Record<TargetKey, Target>> {
  const { simulator, proxies, portkey, gateway, withoutLedger, postgresPid: postgres } = servers;
  const proxy = (name: ProxyName): Target => ({
    name,
    url: proxies[name].url,
    pids: { server: proxies[name].pid, simulator: simulator.pid },
    asker: askerOf(MODEL, () => ({})),
  });
  const through = (
    key: TargetKey,
    { url, pid }: Servers['gateway'],
    asker: Target['asker'],
  ): Target => ({
    name: targetNames[key],
    url,
    pids: { server: pid, postgres, simulator: simulator.pid },
    asker,
  });
  return {
    direct: {
      name: targetNames.direct,
      url: `${simulator.url}/chat/completions`,
      pids: { simulator: simulator.pid },
      asker: askerOf(MODEL, () => ({})),
    },
    native: proxy('native pass-through'),
    tee: proxy('tee() pass-through'),
    parsed: proxy('parse and serialise'),
    portkey: {
      name: targetNames.portkey,
      url: portkey.url,
      pids: { server: portkey.pid, simulator: simulator.pid },
      asker: askerOf(MODEL, () =>
        portkeyHeaders([{ provider: 'openai', url: simulator.url, apiKey: 'bench' }]),
      ),
    },
    paid: through('paid', gateway, askerOf(MODEL, bearersIn(gateway.payers.paid))),
    free: through('free', gateway, askerOf(FREE_MODEL, addresses())),
    ownKey: through('ownKey', gateway, askerOf(OWN_KEY_MODEL, bearersIn(gateway.payers.ownKey))),
    withoutLedger: through(
      'withoutLedger',
      withoutLedger,
      askerOf(MODEL, bearersIn(withoutLedger.payers.paid)),
    ),
  };
}

type Headers = Asked['headers'];

const askerOf =
  (model: string, headers: () => Headers): Target['asker'] =>
  ({ isStreamed, bytes }) => {
    const body = agentBody({ model, stream: isStreamed, bytes });
    return () => ({ headers: headers(), body });
  };

function bearersIn(tokens: readonly string[]): () => Headers {
  let turn = 0;
  return () => {
    turn += 1;
    return { authorization: `Bearer ${tokens[turn % tokens.length]}` };
  };
}

/** An address may ask two hundred times an hour. */
const USES_OF_AN_ADDRESS = 100;

function addresses(): () => Headers {
  let turn = 0;
  return () => {
    turn += 1;
    const address = Math.floor(turn / USES_OF_AN_ADDRESS);
    const [high, low] = [(address >> 8) & 0xff, address & 0xff];
    return { 'x-forwarded-for': `10.${(address >> 16) & 0xff}.${high}.${low}` };
  };
}
