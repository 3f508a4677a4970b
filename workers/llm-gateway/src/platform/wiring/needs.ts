import { recordRequest } from '@gateway/db';
import type { RequestTrace } from '@gateway/worker-utils/request-trace';
import { systemIntake } from '@gateway/worker-utils/system-intake';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { type AbuseService, abuseServiceOf } from '../services/abuse-service.ts';
import { chargedModelsOf } from '../services/charged-models-object.ts';
import type { Catalogue } from '../services/catalogue-upstream.ts';
import { pause } from '@gateway/worker-utils/pause';
import { randomExchangeIds } from '../system.ts';
import { requestTrace, type TracedRequest } from '../tracing.ts';
import type { Needs } from '../../pipeline/handle.ts';
import { ownerOf } from '../../exchange/owner.ts';
import { errorShapeOf } from '../../reporting/reports/error-shape.ts';
import { refusalReportOf } from '../../reporting/reports/refusal-report.ts';
import { AddressSource } from '../../request/client-address.ts';
import type { Effects } from '../../pipeline/perform.ts';
import { callersFrom } from './callers.ts';
import { type WiringDeps, wiringDepsFrom } from './deps.ts';
import { moneyFrom } from './money.ts';
import { topUpFrom } from './performers.ts';
import { type RoundTrips, roundTrips } from './round-trips.ts';
import { type Background, routingFrom } from './routing.ts';

type TopUp = ReturnType<typeof topUpFrom>;

/** What the platform gives with a request. */
type Origin = {
  readonly requestId: string;
  readonly traced: TracedRequest;
  readonly background: Background;
};

/** From the platform's bindings to what the stages ask for. Nothing outside of the wiring touches a binding. */
export function needsFrom(
  env: Env,
  { requestId, traced, background }: Origin,
): Needs & { readonly trace: RequestTrace } {
  const trips = roundTrips();
  const house = trips.counted(wiringDepsFrom(env, { requestId }));
  const trace = traceFrom(house, traced);
  trace.describe({ requestId });
  const { holds, leases, settle, catalogue } = moneyFrom(house);
  const { log, optionalSecret: secret } = house;
  const topUp = topUpFrom(house);
  const chargedModels = chargedModelsOf({
    objects: house.sharedCircuits,
    background,
    report: house.report,
    log,
  });
  const routing = routingFrom(house, { trace, background });
  const abuse = abuseServiceOf({
    secret,
    environment: env.ENVIRONMENT,
    traceparent: trace.traceparent,
    log,
  });
  return {
    trace,
    clock: systemClock,
    exchangeIds: randomExchangeIds,
    intake: systemIntake,
    addressSource: AddressSource.parse(env.CLIENT_ADDRESS),
    addressSecret: () => secret('CLIENT_ADDRESS_SECRET'),
    listedPrices: catalogue.listedPrices(background),
    suspensions: chargedModels,
    ...callersFrom(house),
    ...routing,
    upstream: trips.until(routing.upstream),
    holds,
    leases,
    pause,
    abuse,
    ...reportsFrom(house, { trace, topUp }),
    effects: {
      settle,
      'free-model-charge': ({ charge }) => chargedModels.charged(charge),
      ...effectsFrom(house, { trace, trips, abuse, topUp, catalogue }),
    },
  };
}

type EffectNeeds = {
  readonly trace: RequestTrace;
  readonly trips: RoundTrips;
  readonly abuse: AbuseService;
  readonly topUp: TopUp;
  readonly catalogue: Pick<Catalogue, 'names'>;
};

/** Everything that happens after an answer but its settlement, each by itself. */
const effectsFrom = (
  { env, withConnection, log, report }: WiringDeps,
  { trace, trips, abuse, topUp, catalogue }: EffectNeeds,
): Omit<Effects, 'settle' | 'free-model-charge'> => ({
  'top-up': ({ owner }) => topUp(owner),
  metrics: async ({ metrics }) =>
    env.O11Y.ingestApiMetrics(metrics(await catalogue.names()), trace.traceparent()),
  async log({ line }) {
    const { database: databaseTrips, objects: objectTrips } = trips.before();
    const whole = { ...line, databaseTrips, objectTrips };
    log.info('exchange', whole);
    trace.describe(whole);
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
    if (logged) await withConnection((database) => recordRequest(database, logged));
  },
});

const reportsFrom = (
  { log, report }: WiringDeps,
  { trace, topUp }: { readonly trace: RequestTrace; readonly topUp: TopUp },
): Pick<Needs, 'reportRefusal' | 'reportFailure'> => ({
  async reportRefusal(refusal) {
    const { kind } = refusal;
    log.info('refused', { refusal: kind });
    trace.describe({ refusal: kind });
    const found = await refusalReportOf(refusal);
    if (found) await report(found);
    if (kind === 'credits-required') await topUp(ownerOf(refusal));
  },
  reportFailure: (effect, cause) => log.error('effect failed', { effect, cause }),
});

const traceFrom = ({ env, log, optionalSecret }: WiringDeps, traced: TracedRequest): RequestTrace =>
  requestTrace(
    {
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: () => optionalSecret('OTEL_EXPORTER_OTLP_HEADERS'),
      sampledPart: env.OTEL_TRACES_SAMPLER_ARG,
      reportFailure: (cause) => log.warn('traces not sent', { cause }),
    },
    traced,
  );
