import { byteBudget } from '@gateway/worker-utils/byte-budget';
import type { RequestTrace } from '@gateway/worker-utils/request-trace';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { gatewayHealthOf } from '../postgres/gateway-health-database.ts';
import { modelHostsOf } from '../postgres/model-hosts-database.ts';
import { pause } from '@gateway/worker-utils/pause';
import { systemChance } from '../system.ts';
import { peersOf } from '../durable-objects/clients/shared-circuits.ts';
import { upstreamsOf } from '../services/upstreams.ts';
import { type Circuit, circuitBreakers } from '../../upstream/attempts/circuit-breakers.ts';
import { keyChainOf } from '../../upstream/byok/key-chain.ts';
import { ANSWER_BUDGET_BYTES, TENANT_ANSWER_BUDGET_BYTES } from '../../response/answer-limits.ts';
import { malformedEventMemory } from '../../upstream/attempts/malformed-events.ts';
import { silencesIn } from '../../response/silence.ts';
import type { WiringDeps } from './deps.ts';

/** Keeps the worker alive for what a request does not wait for. */
export type Background = (work: Promise<void>) => void;

/** What this isolate knows of who does not answer. */
const circuits = new Map<string, Circuit>();
/** And of who sends what is no JSON. */
const malformedEvents = new Map<string, number>();
/** What this isolate holds of answers that must be whole before anything of them is shown. */
const heldAnswers = byteBudget(ANSWER_BUDGET_BYTES);
const tenantAnswers = byteBudget(TENANT_ANSWER_BUDGET_BYTES);

/** Where requests go, and with which keys. */
export function routingFrom(
  house: WiringDeps,
  { trace, background }: { readonly trace: RequestTrace; readonly background: Background },
) {
  const { env, withConnection, log, report, secret, optionalSecret, baseUrls } = house;
  return {
    modelHosts: modelHostsOf({ lend: withConnection, log, clock: systemClock }),
    keyChain: keyChainOf({
      encryptionKeys: {
        current: () => secret('BYOK_ENCRYPTION_KEY'),
        previous: () => optionalSecret('BYOK_ENCRYPTION_KEY_PREVIOUS'),
      },
      reportOld: (facts) => log.info('own key sealed with the previous encryption key', facts),
      reportUnusable: (facts) => log.error('own key unusable', facts),
    }),
    vercel: {
      health: gatewayHealthOf({
        lend: withConnection,
        clock: systemClock,
        pause,
        background,
        log,
        report,
      }),
      // A store that is away is no reason to fail: the other gateway has the model too.
      isConfigured: () =>
        optionalSecret('VERCEL_AI_GATEWAY_API_KEY').then(
          (key) => key !== null,
          () => false,
        ),
    },
    baseUrls,
    secrets: { get: secret },
    randomId: () => crypto.randomUUID(),
    circuits: circuitBreakers(
      circuits,
      systemClock,
      peersOf({ objects: house.sharedCircuits, background, log }),
    ),
    malformedEvents: malformedEventMemory(malformedEvents, systemClock),
    chance: systemChance,
    heldAnswers,
    silenceOf: silencesIn(env.UPSTREAM_SILENCE_SECONDS),
    ...upstreamsOf({ lend: withConnection, log, trace, background, pause, tenantAnswers }),
    mayEndpointsBePrivate: env.ENVIRONMENT === 'development',
  };
}
