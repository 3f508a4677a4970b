import type { Needs } from '../../../workers/llm-gateway/src/pipeline/handle.ts';
import { inline, type Recorded, type Recorder } from './recorder.ts';

/** Nothing is asked of these: a pause lets time go by, a trace watches, and a body comes from the client. */
type Unasked = 'pause' | 'trace' | 'intake';

/** What the stages ask of the outside, each question of it recorded. */
export function recordedNeeds(
  needs: Needs,
  { crossing }: Recorder,
): Recorded<Omit<Needs, Unasked>> & Pick<Needs, Unasked> {
  const { holds, leases, freeUse, effects } = needs;
  return {
    pause: needs.pause,
    trace: needs.trace,
    intake: needs.intake,
    clock: { now: inline(needs.clock.now) },
    chance: inline(needs.chance),
    circuits: {
      inOrder: inline(needs.circuits.inOrder),
      recordOutcome: inline(needs.circuits.recordOutcome),
    },
    malformedEvents: {
      isKnown: inline(needs.malformedEvents.isKnown),
      record: inline(needs.malformedEvents.record),
    },
    heldAnswers: { open: inline(needs.heldAnswers.open) },
    silenceOf: inline(needs.silenceOf),
    exchangeIds: { next: inline(needs.exchangeIds.next) },
    randomId: inline(needs.randomId),
    isBlacklisted: inline(needs.isBlacklisted),
    addressSource: needs.addressSource,
    addressSecret: crossing('addressSecret', needs.addressSecret),
    appUrl: needs.appUrl,
    mayEndpointsBePrivate: needs.mayEndpointsBePrivate,
    phases: { recall: crossing('phases.recall', needs.phases.recall) },
    holds: { hold: crossing('holds.hold', holds.hold) },
    leases: {
      attach: crossing('leases.attach', leases.attach),
      renew: crossing('leases.renew', leases.renew),
      leaseMs: leases.leaseMs,
    },
    freeUse: {
      look: crossing('freeUse.look', freeUse.look),
      take: crossing('freeUse.take', freeUse.take),
    },
    listedPrices: {
      isFree: inline(needs.listedPrices.isFree),
      known: crossing('listedPrices.known', needs.listedPrices.known),
    },
    suspensions: {
      isSuspended: inline(needs.suspensions.isSuspended),
      known: crossing('suspensions.known', needs.suspensions.known),
    },
    tokens: { verify: crossing('tokens.verify', needs.tokens.verify) },
    snapshots: { of: crossing('snapshots.of', needs.snapshots.of) },
    modelHosts: { of: crossing('modelHosts.of', needs.modelHosts.of) },
    keyChain: { open: crossing('keyChain.open', needs.keyChain.open) },
    vercel: {
      isConfigured: crossing('vercel.isConfigured', needs.vercel.isConfigured),
      health: crossing('vercel.health', needs.vercel.health),
    },
    abuse: { classify: crossing('abuse.classify', needs.abuse.classify) },
    anonymizer: { idOf: crossing('anonymizer.idOf', needs.anonymizer.idOf) },
    baseUrls: { of: crossing('baseUrls.of', needs.baseUrls.of) },
    secrets: { get: crossing('secrets.get', needs.secrets.get) },
    upstream: { send: crossing('upstream.send', needs.upstream.send) },
    payments: { hasPaid: crossing('payments.hasPaid', needs.payments.hasPaid) },
    effects: recordedEffects(effects, crossing),
    reportRefusal: crossing('reportRefusal', needs.reportRefusal),
    reportFailure: inline(needs.reportFailure),
  };
}

const recordedEffects = (
  effects: Needs['effects'],
  crossing: Recorder['crossing'],
): Recorded<Needs['effects']> => ({
  settle: crossing('effects.settle', effects.settle),
  metrics: crossing('effects.metrics', effects.metrics),
  log: crossing('effects.log', effects.log),
  report: crossing('effects.report', effects.report),
  'abuse-cost': crossing('effects.abuse-cost', effects['abuse-cost']),
  'top-up': crossing('effects.top-up', effects['top-up']),
  'free-model-charge': crossing('effects.free-model-charge', effects['free-model-charge']),
  'request-log': crossing('effects.request-log', effects['request-log']),
});
