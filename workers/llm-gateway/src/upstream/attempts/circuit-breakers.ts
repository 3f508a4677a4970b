import type { ModelId } from '@gateway/worker-utils/ids';
import { type Clock, Instant } from '@gateway/worker-utils/time';
import type { Call, Target } from '../../exchange/exchange.ts';

/** A model at one target: what an isolate remembers of attempts is keyed by it. */
export type CircuitKey = { readonly target: Target; readonly model: string };

/** Includes the kind of the target: a BYOK key or a custom endpoint says nothing about the platform account. */
export const circuitName = ({ target, model }: CircuitKey): string =>
  `${target.kind} ${target.provider} ${model}`;

/** Bounds the memory: clients choose the names of models. */
export const CIRCUITS_MAX = 1000;

/** What one isolate knows of one model at one target. A healthy target has no circuit. */
export type Circuit = {
  /** Consecutive failures. */
  readonly failures: number;
  readonly failedAt: Instant;
  /** The target is tried last until then. Null: the circuit is closed. */
  readonly openUntil: Instant | null;
  /** Whether one request is probing the target while the others wait. */
  readonly isProbed: boolean;
  /** When this isolate last asked its peers. */
  readonly askedAt: Instant | null;
};

const FAILURES_MAX = 3;
/** Older failures no longer count. */
export const REMEMBERED_MS = 60_000;
/** Kept short: traffic returns at most this long after the target recovers. */
export const OPEN_MS = 10_000;
/** How long the others wait for the request that probes. */
export const PROBE_MS = 15_000;
const ASK_MS = 5_000;
/** Peers keep a circuit open at most this long after the last failure seen here, because their `closed` event may get lost. */
const PEERS_BELIEVED_MS = 25_000;

const isOpen = (circuit: Circuit | undefined, now: Instant): boolean =>
  Boolean(circuit?.openUntil && now < circuit.openUntil);

/** The first request after `openUntil` probes the target, and the others stay away meanwhile. */
const probed = (circuit: Circuit, now: Instant): Circuit =>
  circuit.openUntil === null || isOpen(circuit, now)
    ? circuit
    : { ...circuit, openUntil: Instant.parse(now + PROBE_MS), isProbed: true };

function failed(circuit: Circuit | undefined, now: Instant): Circuit {
  const known = circuit && now - circuit.failedAt <= REMEMBERED_MS ? circuit : undefined;
  const failures = (known?.failures ?? 0) + 1;
  // A circuit that peers have opened stays open after a single failure here.
  const isOver = failures >= FAILURES_MAX || Boolean(known?.openUntil);
  return {
    failures,
    failedAt: now,
    openUntil: isOver ? Instant.parse(now + OPEN_MS) : null,
    isProbed: false,
    askedAt: circuit?.askedAt ?? null,
  };
}

/** Whether to ask peers: never about a healthy target, and every few seconds about a failing one. */
const shouldAskPeers = ({ failedAt, openUntil, askedAt }: Circuit, now: Instant): boolean =>
  (openUntil !== null || now - failedAt <= REMEMBERED_MS) &&
  (askedAt === null || now - askedAt >= ASK_MS);

/** What peers know. Durations instead of times: the clocks of two locations need not agree. */
export type PeerKnowledge =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'open'; readonly forMs: number }
  | { readonly kind: 'closed'; readonly sinceMs: number };

type PeerAnswer = {
  readonly knowledge: PeerKnowledge;
  /** When the peers were asked: the answer holds nothing newer than this. */
  readonly askedAt: Instant;
  readonly now: Instant;
};

/** The circuit after peers have answered. Null: the target is healthy again. */
function withPeerKnowledge(
  circuit: Circuit,
  { knowledge, askedAt, now }: PeerAnswer,
): Circuit | null {
  switch (knowledge.kind) {
    case 'nothing':
      return circuit;
    case 'open': {
      const until = Math.min(now + knowledge.forMs, circuit.failedAt + PEERS_BELIEVED_MS);
      return { ...circuit, openUntil: Instant.parse(Math.max(circuit.openUntil ?? 0, until)) };
    }
    case 'closed':
      return askedAt - knowledge.sinceMs > circuit.failedAt ? null : circuit;
  }
}

/** `answering`: the first token has arrived. `answered`: the whole answer has. */
type AttemptEvent = 'failed' | 'answering' | 'answered';

/** What isolates publish to one another. `probing`: one request tries the target out. */
export type CircuitEvent = 'opened' | 'probing' | 'closed';

/** Failing targets move to the end until they recover. */
export type CircuitBreakers = {
  /** The calls in the order in which to try them, those with an open circuit last. */
  readonly inOrder: (calls: readonly Call[], model: ModelId) => readonly Call[];
  readonly recordOutcome: (key: CircuitKey, event: AttemptEvent) => void;
};

/** The other isolates. Requests never wait for either call, and either may fail silently. */
export type Peers = {
  readonly publish: (circuit: string, event: CircuitEvent) => void;
  readonly ask: (circuit: string, onAnswer: (knowledge: PeerKnowledge) => void) => void;
};
const noPeers: Peers = { publish: () => undefined, ask: () => undefined };

/** @param memory holds only plain values, so that requests can share it. */
export function circuitBreakers(
  memory: Map<string, Circuit>,
  clock: Clock,
  peers: Peers = noPeers,
): CircuitBreakers {
  const keep = (name: string, circuit: Circuit | null): void => {
    if (circuit) memory.set(name, circuit);
    else memory.delete(name);
  };
  const publish = (key: CircuitKey, event: CircuitEvent): void => {
    if (isPlatform(key)) peers.publish(circuitName(key), event);
  };
  const askPeers = (key: CircuitKey, now: Instant): void => {
    const name = circuitName(key);
    const circuit = memory.get(name);
    if (!circuit || !isPlatform(key) || !shouldAskPeers(circuit, now)) return;
    keep(name, { ...circuit, askedAt: now });
    peers.ask(name, (knowledge) => {
      const known = memory.get(name);
      const answer = { knowledge, askedAt: now, now: clock.now() };
      if (known) keep(name, withPeerKnowledge(known, answer));
    });
  };
  return {
    inOrder(calls, model) {
      const [first, ...rest] = calls;
      if (!first || rest.length === 0) return calls;
      const now = clock.now();
      for (const { target } of calls) askPeers({ target, model }, now);
      const isLast = ({ target }: Call) => isOpen(memory.get(circuitName({ target, model })), now);
      const ordered = [...calls.filter((call) => !isLast(call)), ...calls.filter(isLast)];
      const chosen = { target: ordered[0]?.target ?? first.target, model };
      const circuit = memory.get(circuitName(chosen));
      const next = circuit && probed(circuit, now);
      if (next) keep(circuitName(chosen), next);
      if (next !== circuit) publish(chosen, 'probing');
      return ordered;
    },
    recordOutcome(key, event) {
      const name = circuitName(key);
      const circuit = memory.get(name);
      // A first token ends an open circuit, but clears no failures of a closed one: the stream may still break off.
      const isRecovered = event === 'answered' || (event === 'answering' && circuit?.openUntil);
      if (isRecovered) memory.delete(name);
      if (isRecovered && circuit?.openUntil) publish(key, 'closed');
      if (event !== 'failed') return;
      const now = clock.now();
      const next = failed(circuit, now);
      keep(name, next);
      const wasOpen = isOpen(circuit, now) && circuit?.isProbed !== true;
      if (isOpen(next, now) && !wasOpen) publish(key, 'opened');
      else askPeers(key, now);
      const [oldest] = memory.keys();
      if (memory.size > CIRCUITS_MAX && oldest !== undefined) memory.delete(oldest);
    },
  };
}

const isPlatform = ({ target }: CircuitKey): boolean => target.kind === 'platform';
