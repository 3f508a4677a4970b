import { connect, recordRequest } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import type { RequestTrace } from '@gateway/worker-utils/request-trace';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { z } from 'zod';
import { addressKeyPseudonyms } from './adapters/pseudonyms.ts';
import { type AbuseService, abuseServiceOf } from './adapters/abuse-service.ts';
import { booksOf } from './adapters/books-postgres.ts';
import { withDatabase } from './adapters/database.ts';
import { chargeOf } from './adapters/charges-stripe.ts';
import { freeUseOf } from './adapters/free-use-object.ts';
import { bonusReportOf, firstUsageOf } from './adapters/events-posthog.ts';
import { gatewayHealthOf } from './adapters/gateway-health-database.ts';
import { generationsOf } from './adapters/generations-fetch.ts';
import { kiloPassBonusOf } from './adapters/kilo-pass-database.ts';
import { heldDatabase } from './adapters/held-database.ts';
import type { LedgerPlace } from './adapters/ledger.ts';
import { ledgersOf, LocationHint } from './adapters/ledger-object.ts';
import { consoleLog } from './adapters/log.ts';
import { lowBalanceMailOf, topUpTurnedOffMailOf } from './adapters/mails-customerio.ts';
import { modelHostsOf } from './adapters/model-hosts-database.ts';
import { paymentsOf } from './adapters/payments-database.ts';
import { pricesOf } from './adapters/prices-catalogue.ts';
import { optionalSecretOf, secretOf } from './adapters/secrets-store.ts';
import { directSettlerOf } from './adapters/settle-directly.ts';
import { snapshotsOf } from './adapters/snapshots-database.ts';
import { type Reporter, reporterOf } from './adapters/reports-sentry.ts';
import { pause, randomExchangeIds, systemChance } from './adapters/system.ts';
import { tokensOf } from './adapters/token-jwt.ts';
import { requestTrace } from './adapters/tracing.ts';
import { lowOwnerIn, topUpBooksOf } from './adapters/top-up-database.ts';
import { autoTopUpOf, ownerOf, topUpAtOnceOf } from './consequences/auto-top-up.ts';
import { upstreamsOf } from './adapters/upstreams.ts';
import {
  performConsequence,
  type performConsequences,
  type Performers,
} from './consequences/perform-consequences.ts';
import type { Needs } from './handle.ts';
import { keyChainOf } from './own-keys/key-chain.ts';
import type { Ports } from './ledger/desk.ts';
import { storeIn } from './ledger/store.ts';
import { blacklistOf } from './policy/blacklist.ts';
import type { ProviderKey } from './providers/registry.ts';
import { errorShapeOf } from './reports/error-shape.ts';
import { refusalReportOf } from './reports/refusal-report.ts';
import { AddressSource } from './request/client-address.ts';

type Telling = {
  readonly log: Log;
  readonly trace: RequestTrace;
  readonly report: Reporter['report'];
};
type Lend = Parameters<typeof snapshotsOf>[0]['lend'];
type Outside = { readonly lend: Lend; readonly log: Log };

type Secret = 'NEXTAUTH_SECRET_PROD' | 'ANONYMOUS_ID_SECRET' | ProviderKey;
/** Keeps the worker alive for what a request does not wait for. */
type Background = (work: Promise<void>) => void;
/** What the platform gives with a request. */
type Origin = {
  readonly requestId: string;
  readonly traceparent: string | null;
  readonly background: Background;
};

/** From the platform's bindings to what the stages ask for. The only file that touches a binding. */
export function needsFrom(
  env: Env,
  { requestId, traceparent, background }: Origin,
): Needs & { readonly trace: RequestTrace } {
  const log = consoleLog({ requestId });
  const { report } = reporterFrom(env, log);
  const trace = traceFrom(env, { traceparent, log });
  trace.describe({ requestId });
  const lend: Lend = (work) => withDatabase(env, work);
  const { secret, secrets, baseUrls } = secretsFrom(env);
  const pseudonyms = addressKeyPseudonyms(() => secret('ANONYMOUS_ID_SECRET'));
  const prices = pricesOf({ baseUrl: env.OPENROUTER_BASE_URL, clock: systemClock });
  const ledgers = ledgersOf({
    objects: env.LEDGER,
    locationHint: LocationHint.parse(env.LEDGER_LOCATION),
    leaseMs: leaseMsIn(env),
    prices,
    pause,
    log,
  });
  const topUp = topUpFrom(env, { lend, log, background });
  const settleDirectly = directSettlerOf({
    lend,
    performers: performersFrom(env, { lend, log }),
    report,
  });
  const abuse = abuseServiceOf({
    secret: (name) => optionalSecretOf(name, env[name]),
    environment: env.ENVIRONMENT,
    log,
  });
  return {
    trace,
    clock: systemClock,
    exchangeIds: randomExchangeIds,
    addressSource: AddressSource.parse(env.CLIENT_ADDRESS),
    holds: ledgers.holds,
    leases: ledgers.leases,
    freeUse: freeUseOf({ objects: env.RATE_LIMITER, nameOf: pseudonyms.of, log }),
    tokens: tokensOf({
      secret: () => secret('NEXTAUTH_SECRET_PROD'),
      clock: systemClock,
      environment: env.ENVIRONMENT,
    }),
    snapshots: snapshotsOf({
      lend,
      log,
      clock: systemClock,
      chance: systemChance,
      onRead: (found) => topUp(lowOwnerIn(found)),
    }),
    ...routingFrom(env, { lend, log, report, background }),
    anonymizer: pseudonyms.anonymizer,
    isBlacklisted: blacklistOf(env.BLACKLIST_DOMAINS),
    baseUrls,
    secrets,
    randomId: () => crypto.randomUUID(),
    ...upstreamsOf({ lend, log, trace, background, pause }),
    mayEndpointsBePrivate: env.ENVIRONMENT === 'development',
    pause,
    payments: paymentsOf({ lend, log }),
    appUrl: env.APP_URL,
    abuse,
    effects: effectsFrom(env, { log, trace, report, ledgers, settleDirectly, abuse, lend }),
    reportRefusal: refusalsToldBy({ log, trace, report }, topUp),
    reportFailure: (effect, cause) => log.error('effect failed', { effect, cause }),
  };
}

/** Everything that happens after an answer, each by itself. */
function effectsFrom(env: Env, needs: EffectNeeds): Needs['effects'] {
  const { log, trace, report, ledgers, settleDirectly, abuse, lend } = needs;
  return {
    async settle({ settlement, question }) {
      try {
        await ledgers.settle(settlement, question);
      } catch {
        await settleDirectly(settlement);
      }
    },
    metrics: ({ metrics }) => env.O11Y.ingestApiMetrics(metrics, trace.traceparent()),
    async log({ line }) {
      log.info('exchange', line);
      trace.describe(line);
    },
    async report({ report: found, errorText }) {
      const shape = errorText === null ? {} : await errorShapeOf(errorText);
      await report({ ...found, facts: { ...found.facts, ...shape } });
    },
    async 'abuse-cost'({ cost, classified }) {
      const request = await classified;
      if (request !== null) await abuse.reportCost(cost, request);
    },
    async 'request-log'({ row }) {
      const logged = await row();
      if (logged) await lend((database) => recordRequest(database, logged));
    },
  };
}

type EffectNeeds = Telling & {
  readonly ledgers: Pick<ReturnType<typeof ledgersOf>, 'settle'>;
  readonly settleDirectly: ReturnType<typeof directSettlerOf>;
  readonly abuse: AbuseService;
  readonly lend: Lend;
};

/** Most are variables; one is as secret as its key. */
const baseUrlsFrom = (env: Env): Parameters<typeof generationsOf>[0]['baseUrls'] => ({
  async of(name) {
    const url = env[name];
    return typeof url === 'string' ? url : secretOf(name, url);
  },
});

/** Tells operators, in the log and at Sentry. */
export const reporterFrom = (env: Env, log: Log): Reporter =>
  reporterOf({ dsn: env.SENTRY_DSN, environment: env.ENVIRONMENT, clock: systemClock, log });

const leaseMsIn = ({ LEDGER_LEASE_SECONDS }: Env): number =>
  z.coerce.number().positive().parse(LEDGER_LEASE_SECONDS) * 1000;

/** What a payer's ledger asks of the outside. */
export function ledgerPortsFrom(env: Env, { owner, storage, wakeAt }: LedgerPlace): Ports {
  const log = consoleLog({ ledger: owner.kind });
  const { lend } = heldDatabase(() => connect(env.HYPERDRIVE.connectionString));
  const { performers } = performersFrom(env, { lend: (work) => withDatabase(env, work), log });
  return {
    store: storeIn(sqlOf(storage.sql)),
    wakeAt,
    leaseMs: leaseMsIn(env),
    clock: systemClock,
    books: booksOf({ owner, lend, clock: systemClock }),
    generations: { ask: generationsOf(secretsFrom(env)) },
    consequences: { perform: (consequence) => performConsequence(consequence, performers) },
    chance: systemChance,
    report: reporterFrom(env, log).report,
    log,
  };
}

function secretsFrom(env: Env) {
  const secret = (name: Secret) => secretOf(name, env[name]);
  return { secret, secrets: { get: secret }, baseUrls: baseUrlsFrom(env) };
}

const refusalsToldBy =
  (
    { log, trace, report }: Telling,
    topUp: ReturnType<typeof topUpAtOnceOf>,
  ): Needs['reportRefusal'] =>
  async (refusal) => {
    const { kind } = refusal;
    if (kind === 'credits-required') topUp(ownerOf(refusal));
    log.info('refused', { refusal: kind });
    trace.describe({ refusal: kind });
    const found = await refusalReportOf(refusal);
    if (found) await report(found);
  };

const traceFrom = (
  env: Env,
  { traceparent, log }: { readonly traceparent: string | null; readonly log: Log },
): RequestTrace =>
  requestTrace(
    {
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: () => optionalSecretOf('OTEL_EXPORTER_OTLP_HEADERS', env.OTEL_EXPORTER_OTLP_HEADERS),
      sampledPart: env.OTEL_TRACES_SAMPLER_ARG,
      reportFailure: (cause) => log.warn('traces not sent', { cause }),
    },
    traceparent,
  );

type RoutingNeeds = Pick<Reporter, 'report'> & {
  readonly lend: Lend;
  readonly log: Log;
  readonly background: Background;
};

/** What decides where a request goes. */
function routingFrom(
  env: Env,
  { lend, log, report, background }: RoutingNeeds,
): Pick<Needs, 'modelHosts' | 'keyChain' | 'vercel'> {
  return {
    modelHosts: modelHostsOf({ lend, log, clock: systemClock }),
    keyChain: keyChainOf({
      encryptionKey: () => secretOf('BYOK_ENCRYPTION_KEY', env.BYOK_ENCRYPTION_KEY),
      reportUnusable: (facts) => log.error('own key unusable', facts),
    }),
    vercel: {
      health: gatewayHealthOf({ lend, clock: systemClock, pause, background, log, report }),
      // A store that is away is no reason to fail: the other gateway has the model too.
      isConfigured: () =>
        optionalSecretOf('VERCEL_AI_GATEWAY_API_KEY', env.VERCEL_AI_GATEWAY_API_KEY).then(
          (key) => key !== null,
          () => false,
        ),
    },
  };
}

/** What follows from settlements, for whoever settles: a request, or the object that settles for it. */
function performersFrom(
  env: Env,
  { lend, log }: Outside,
): Parameters<typeof performConsequences>[1] {
  const key = () => optionalSecretOf('POSTHOG_API_KEY', env.POSTHOG_API_KEY);
  const topUp = autoTopUpFrom(env, { lend, log });
  const analytics = { host: env.POSTHOG_HOST, key, lend };
  const performers: Performers = {
    'low-balance-mail': lowBalanceMailOf(mailServiceFrom(env, log)),
    'first-usage': firstUsageOf(analytics),
    'auto-top-up': ({ owner, at }) => topUp({ owner, startedAt: at }),
    'kilo-pass-bonus': kiloPassBonusOf({ lend, log, report: bonusReportOf(analytics) }),
  };
  return {
    performers,
    reportFailure: (consequence, cause) => log.error('consequence failed', { consequence, cause }),
  };
}

/** Buys for an owner who is low, behind the answer. */
const topUpFrom = (env: Env, { background, ...outside }: Outside & Pick<Origin, 'background'>) =>
  topUpAtOnceOf({
    topUp: autoTopUpFrom(env, outside),
    background,
    clock: systemClock,
    log: outside.log,
  });

const autoTopUpFrom = (env: Env, { lend, log }: Outside): ReturnType<typeof autoTopUpOf> =>
  autoTopUpOf({
    books: topUpBooksOf(lend),
    charge: chargeOf({
      baseUrl: env.STRIPE_BASE_URL,
      key: () => optionalSecretOf('STRIPE_SECRET_KEY', env.STRIPE_SECRET_KEY),
    }),
    mail: topUpTurnedOffMailOf(mailServiceFrom(env, log)),
    clock: systemClock,
    log,
  });

const mailServiceFrom = (env: Env, log: Log) => ({
  baseUrl: env.CUSTOMERIO_BASE_URL,
  key: () => optionalSecretOf('CUSTOMERIO_API_KEY', env.CUSTOMERIO_API_KEY),
  appUrl: env.APP_URL,
  log,
});
