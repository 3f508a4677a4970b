import { portkeyHeaders } from '@gateway/local/stack/portkey';
import { agentBody } from './agent-body.ts';
import type { Asked } from './load.ts';
import type { Gateway } from './gateways.ts';
import type { Server, Servers } from './servers.ts';
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

export const targetNames = {
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

type Optional = 'portkey' | 'withoutLedger';
/** Those that were started. */
export type Targets = Readonly<Record<Exclude<TargetKey, Optional>, Target>> &
  Readonly<Partial<Record<Optional, Target>>>;

export function targetsOf(servers: Servers): Targets {
  const { simulator, proxies, portkey, gateway, withoutLedger } = servers;
  const target = (key: TargetKey, server: Server, asker: Target['asker']): Target => ({
    name: targetNames[key],
    url: server.url,
    pids: { server: server.pid, simulator: simulator.pid },
    asker,
  });
  const through = (key: TargetKey, to: Gateway, who: keyof typeof askers): Target => ({
    name: targetNames[key],
    url: to.url,
    pids: { server: to.pid, postgres: servers.postgres.pid(), simulator: simulator.pid },
    asker: askers[who](to),
  });
  const nobody = askerOf(MODEL, () => () => ({}));
  return {
    direct: {
      name: targetNames.direct,
      url: `${simulator.url}/chat/completions`,
      pids: { simulator: simulator.pid },
      asker: nobody,
    },
    native: target('native', proxies[targetNames.native], nobody),
    tee: target('tee', proxies[targetNames.tee], nobody),
    parsed: target('parsed', proxies[targetNames.parsed], nobody),
    ...(portkey && { portkey: target('portkey', portkey, askerOf(MODEL, toPortkey(simulator))) }),
    paid: through('paid', gateway, 'paid'),
    free: through('free', gateway, 'free'),
    ownKey: through('ownKey', gateway, 'ownKey'),
    ...(withoutLedger && { withoutLedger: through('withoutLedger', withoutLedger, 'paid') }),
  };
}

type Headers = Asked['headers'];
type Whom = (workload: Workload) => () => Headers;

const askerOf =
  (model: string, whom: Whom): Target['asker'] =>
  (workload) => {
    const { isStreamed, bytes, labels } = workload;
    const body = agentBody({ model, stream: isStreamed, bytes });
    const headers = whom(workload);
    let turn = 0;
    return () => {
      turn += 1;
      return { headers: { 'user-agent': `bench/${turn % labels}`, ...headers() }, body };
    };
  };

/** Who asks a gateway. */
export const askers = {
  paid: ({ payers }) => askerOf(MODEL, bearersIn(payers.paid)),
  free: () => askerOf(FREE_MODEL, addresses),
  ownKey: ({ payers }) => askerOf(OWN_KEY_MODEL, bearersIn(payers.ownKey)),
} as const satisfies Record<string, (gateway: Gateway) => Target['asker']>;

const toPortkey =
  ({ url }: Server): Whom =>
  () =>
  () =>
    portkeyHeaders([{ provider: 'openai', url, apiKey: 'bench' }]);

const bearersIn =
  (tokens: readonly string[]): Whom =>
  ({ payers }) => {
    let turn = 0;
    return () => {
      turn += 1;
      return { authorization: `Bearer ${tokens[turn % Math.min(payers, tokens.length)]}` };
    };
  };

/** An address may ask two hundred times an hour. */
const USES_OF_AN_ADDRESS = 100;

/** Over all workloads: no address is used again. */
let addressed = 0;

const addresses: Whom = () => () => {
  addressed += 1;
  const address = Math.floor(addressed / USES_OF_AN_ADDRESS);
  const [high, low] = [(address >> 8) & 0xff, address & 0xff];
  return { 'x-forwarded-for': `10.${(address >> 16) & 0xff}.${high}.${low}` };
};
