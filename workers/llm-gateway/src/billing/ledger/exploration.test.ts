import type { WriteResult, SettledExchange } from '@gateway/db';
import { UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exchangeId, landingOf, settledExchange } from '../../testing/settled-exchange.ts';
import { learnt } from './account.ts';
import { type LedgerState, keepAccount, openLedger } from './ledger-state.ts';
import { type Entry, isRunning, revisions, unsettledOf } from './entry.ts';
import { applyWriteResults, owedBatch } from './flush.ts';
import { applyLookup } from './look-up-costs.ts';
import { tryToHold } from './reserve.ts';
import { recordGenerationId, owe, release } from './settle.ts';
import type { Store } from './store.ts';
import { expireLeases } from './wake.ts';

// Every order in which the messages of a few exchanges can arrive, twice, late or never, with a crash, a failure of Postgres
// or a lost answer of it anywhere: the ledger's own functions are run through all of them. What follows from them is checked
// in each state that is reached, and in the end nothing is lost and nothing is charged twice. See docs/ledger.md.

const LEASE_MS = 90_000;
const START = 1_790_000_000_000;

type Payer = 'ann' | 'bob';
type Plan = {
  readonly payer: Payer;
  /** What the provider takes for it. */
  readonly cost: number;
  /** Whether the answer itself tells that. */
  readonly isCostTold: boolean;
};
type Request = {
  readonly stage: 'new' | 'refused' | 'running' | 'settled' | 'dead';
  readonly isAttached: boolean;
  readonly hold: number;
  /** Its lease ran out although it went on: what it then costs was not kept back any more. */
  readonly isLapsed: boolean;
};
type Batch = { readonly sent: readonly SettledExchange[]; readonly isCommitted: boolean };
type Disk = { readonly entries: readonly Entry[]; readonly account: LedgerState['account'] };
type Row = { readonly revision: number; readonly cost: number };
type State = {
  readonly requests: readonly Request[];
  readonly disks: Readonly<Record<Payer, Disk>>;
  readonly inFlight: Readonly<Record<Payer, Batch | null>>;
  /** Sent by an object that has died since. Postgres may still do it, at any time. */
  readonly orphan: Batch | null;
  readonly rows: Readonly<Record<string, Row>>;
  readonly mishaps: {
    readonly crashes: number;
    readonly failures: number;
    readonly repeats: number;
  };
};
type World = {
  readonly plans: readonly Plan[];
  readonly acquired: number;
  readonly hold: number;
  /** Whose ledger the mishaps come to. */
  readonly unlucky: Payer;
};

const micro = (amount: number): MicroUsd => MicroUsd.parse(amount);
const payers = ['ann', 'bob'] as const;

const settlementOf = ({ payer }: Plan, n: number, cost: number | null): SettledExchange =>
  settledExchange(n, {
    kilo_user_id: UserId.parse(payer),
    cost: cost === null ? null : micro(cost),
    requested_model: `m${n}`,
  });

const questionOf = (n: number, isCostKnown: boolean) =>
  ({ provider: 'openrouter', generation: `gen-${n}`, isCostKnown }) as const;

const generationOf = ({ cost }: Plan) => ({
  data: {
    total_cost: cost / 1_000_000,
    native_tokens_prompt: 0,
    native_tokens_completion: 0,
    native_tokens_cached: 0,
    latency: null,
    moderation_latency: null,
    generation_time: null,
  },
});

/** Runs one turn of a payer's object, from what is on its disk to what is on its disk after it. */
function turn(disk: Disk, work: (desk: LedgerState) => void, atMs = 0): Disk {
  const entries = new Map(disk.entries.map((entry) => [entry.id, entry]));
  let { account } = disk;
  const nothing = () => undefined;
  const store: Store = {
    load: () => ({
      entries: [...entries.values()],
      errands: [],
      account,
      isListed: false,
    }),
    putEntry: (entry) => entries.set(entry.id, entry),
    removeEntry: (id) => entries.delete(id),
    putOutboxEntry: () => undefined,
    removeOutboxEntry: () => undefined,
    putFunds: (funds) => (account = { ...funds, members: {} }),
    putMember: nothing,
    removeMember: nothing,
    putListed: () => undefined,
  };
  const desk = openLedger({
    store,
    clock: { now: () => Instant.parse(START + atMs) },
    accounts: { settle: unasked, accountFor: unasked },
    charges: { applyLookup: () => Promise.resolve() },
    generations: { ask: unasked },
    consequences: { perform: () => Promise.resolve() },
    index: { put: () => Promise.resolve() },
    wakeAt: nothing,
    leaseMs: LEASE_MS,
    terms: { memberRunningMax: 50, overdraft: micro(0) },
    chance: () => 0,
    report: () => Promise.resolve(),
    log: { info: nothing, warn: nothing, error: nothing },
  });
  work(desk);
  // What the object believes is what it would find after a crash.
  if (desk.entries.size !== entries.size) throw new Error('Memory and disk differ.');
  return { entries: [...entries.values()], account };
}
const unasked = () => Promise.reject(new Error('A turn asks nobody.'));

const usedOf = ({ plans }: World, rows: State['rows'], payer: Payer): number =>
  plans.reduce(
    (sum, plan, n) => sum + (plan.payer === payer ? (rows[exchangeId(n)]?.cost ?? 0) : 0),
    0,
  );

/** As the one statement in packages/db does it. */
function committed(rows: State['rows'], sent: readonly SettledExchange[]): State['rows'] {
  const next = { ...rows };
  for (const { id, revision, cost } of sent) {
    const row = next[id];
    if (!row || (revision > 0 && revision >= row.revision)) {
      next[id] = { revision, cost: cost ?? row?.cost ?? 0 };
    }
  }
  return next;
}

function landingsOf(
  world: World,
  state: State,
  payer: Payer,
  batch: Batch,
): readonly WriteResult[] {
  const used = micro(usedOf(world, state.rows, payer));
  return batch.sent.map((exchange) => landingOf(exchange, used));
}

const withRequest = (state: State, n: number, change: Partial<Request>): State => ({
  ...state,
  requests: state.requests.map((request, at) => (at === n ? { ...request, ...change } : request)),
});
const withDisk = (state: State, payer: Payer, disk: Disk): State => ({
  ...state,
  disks: { ...state.disks, [payer]: disk },
});
const withMishap = (state: State, kind: keyof State['mishaps']): State => ({
  ...state,
  mishaps: { ...state.mishaps, [kind]: state.mishaps[kind] - 1 },
});
const withInFlight = (state: State, payer: Payer, batch: Batch | null): State => ({
  ...state,
  inFlight: { ...state.inFlight, [payer]: batch },
});

/** Everything that can happen next. */
function* whatCanHappen(world: World, state: State): Generator<State> {
  for (const payer of payers) yield* whatCanHappenTo(payer, world, state);
}

/**
 * What can happen to one payer only, while anything can. No ledger sees another's (which a test below shows of the same
 * functions), so each state of two ledgers is one of each that is reached alone, and no order of theirs has to be tried.
 */
function* whatCanHappenInTurn(world: World, state: State): Generator<State> {
  for (const payer of payers) {
    let isDone = true;
    for (const after of whatCanHappenTo(payer, world, state)) {
      isDone = false;
      yield after;
    }
    if (!isDone) return;
  }
}

function* whatCanHappenTo(payer: Payer, world: World, state: State): Generator<State> {
  for (const [n, plan] of world.plans.entries()) {
    if (plan.payer === payer) yield* ofRequest(world, state, n);
  }
  yield* ofPayer(world, state, payer);
  if (state.orphan && payer === world.unlucky) yield* ofOrphan(state, state.orphan);
}

function* ofRequest(world: World, state: State, n: number): Generator<State> {
  const plan = world.plans[n];
  const request = state.requests[n];
  if (!plan || !request) return;
  const { payer, cost, isCostTold } = plan;
  const disk = state.disks[payer];
  const ended = {
    settlement: settlementOf(plan, n, isCostTold ? cost : null),
    isCharged: true,
    question: questionOf(n, isCostTold),
  };
  if (request.stage === 'new') {
    let hold = 0;
    let isHeld = false;
    const after = turn(
      disk,
      (desk) => {
        // The oldest that a caller's snapshot can be.
        const reading = { used: micro(0), acquired: micro(world.acquired), member: null };
        keepAccount(desk, learnt(desk.account, { ...reading, at: Instant.parse(START) }));
        const estimate = { worstCase: micro(world.hold), typicalCost: micro(world.hold) };
        const ask = { settlement: ended.settlement, isCharged: true, estimate };
        const account = { ...reading, at: Instant.parse(START) };
        const admission = tryToHold(desk, { ...ask, account });
        isHeld = admission.kind === 'held';
        if (admission.kind === 'held') ({ hold } = admission);
      },
      n,
    );
    const reserved = withDisk(state, payer, after);
    yield withRequest(reserved, n, { stage: isHeld ? 'running' : 'refused', hold });
    // Whoever asked could not wait for the answer.
    const released = turn(after, (desk) => release(desk, exchangeId(n)));
    yield withRequest(withDisk(state, payer, released), n, { stage: 'refused' });
  }
  if (request.stage === 'running') {
    if (!request.isAttached) {
      const after = turn(
        disk,
        (desk) => recordGenerationId(desk, exchangeId(n), questionOf(n, false)),
        n,
      );
      const isHeard = after.entries.some((entry) => entry.id === exchangeId(n) && isRunning(entry));
      yield withRequest(withDisk(state, payer, after), n, { isAttached: isHeard });
    }
    yield withRequest(state, n, { stage: 'dead' });
    const after = turn(disk, (desk) => void owe(desk, ended));
    yield withRequest(withDisk(state, payer, after), n, { stage: 'settled' });
  }
  if (request.stage === 'settled' && payer === world.unlucky && state.mishaps.repeats > 0) {
    const after = turn(disk, (desk) => void owe(desk, ended));
    yield withMishap(withDisk(state, payer, after), 'repeats');
  }
  const entry = disk.entries.find(({ id }) => id === exchangeId(n));
  if (entry?.question?.nextAt) {
    const { question } = entry;
    const told = { kind: 'told', generation: generationOf(plan) } as const;
    yield withDisk(
      state,
      payer,
      turn(disk, (desk) => {
        const current = desk.entries.get(entry.id);
        if (current)
          applyLookup(desk, { entry: current, question: current.question ?? question }, told);
      }),
    );
  }
  if (entry?.leaseUntil) {
    const { leaseUntil } = entry;
    const isFirst = disk.entries.every((other) => (other.leaseUntil ?? leaseUntil) >= leaseUntil);
    if (isFirst) {
      const after = turn(disk, expireLeases, leaseUntil - START);
      yield withRequest(withDisk(state, payer, after), n, {
        isLapsed: request.stage === 'running',
      });
    }
  }
}

function* ofPayer(world: World, state: State, payer: Payer): Generator<State> {
  const disk = state.disks[payer];
  const batch = state.inFlight[payer];
  if (!batch) {
    let sent: readonly SettledExchange[] = [];
    turn(disk, (desk) => (sent = owedBatch(desk)));
    if (sent.length > 0) yield withInFlight(state, payer, { sent, isCommitted: false });
    return;
  }
  if (!batch.isCommitted) {
    const done = withInFlight(state, payer, { ...batch, isCommitted: true });
    yield { ...done, rows: committed(state.rows, batch.sent) };
  } else {
    const outcome = { landings: landingsOf(world, state, payer, batch), parked: [] };
    const after = turn(disk, (desk) => void applyWriteResults(desk, batch.sent, outcome));
    yield withDisk(withInFlight(state, payer, null), payer, after);
  }
  // The answer is lost, whether or not it was done; or the object dies, and what it has sent may be done later.
  if (payer !== world.unlucky) return;
  if (state.mishaps.failures > 0) {
    yield withMishap(withInFlight(state, payer, null), 'failures');
  }
  if (state.mishaps.crashes > 0 && !state.orphan) {
    const crashed = withMishap(withInFlight(state, payer, null), 'crashes');
    yield { ...crashed, orphan: batch.isCommitted ? null : batch };
  }
}

function* ofOrphan(state: State, orphan: Batch): Generator<State> {
  yield { ...state, orphan: null };
  yield { ...state, orphan: null, rows: committed(state.rows, orphan.sent) };
}

/** What holds at every moment. */
function check(world: World, state: State): void {
  for (const [n, plan] of world.plans.entries()) {
    const request = state.requests[n];
    const row = state.rows[exchangeId(n)];
    const entry = state.disks[plan.payer].entries.find(({ id }) => id === exchangeId(n));
    if (row && row.cost !== 0 && row.cost !== plan.cost) throw new Error('A cost is invented.');
    if (row && request?.stage === 'refused') throw new Error('A refused request has a row.');
    const known = Math.max(row?.revision ?? -1, entry?.settlement.revision ?? -1);
    if (request?.stage === 'settled' && known < revisions.settled) {
      throw new Error('What was settled is nowhere.');
    }
  }
  for (const payer of payers) {
    const { account, entries } = state.disks[payer];
    if (!account) continue;
    const owed = entries.reduce((sum, entry) => sum + unsettledOf(entry), 0);
    const used = usedOf(world, state.rows, payer);
    // Only while an orphan of a dead object is done late may Postgres know more than the ledger counts.
    if (account.used + owed < used && !state.orphan) {
      throw new Error(`The ledger believes ${payer} to be richer than Postgres does.`);
    }
  }
}

/** What holds when nothing is left to happen. */
function checkEnd(world: World, state: State): void {
  for (const [n, plan] of world.plans.entries()) {
    const request = state.requests[n];
    const isPaidFor =
      request?.stage === 'settled' || (request?.stage === 'dead' && request.isAttached);
    const expected = request?.stage === 'refused' ? undefined : isPaidFor ? plan.cost : 0;
    expect(state.rows[exchangeId(n)]?.cost).toBe(expected);
  }
  for (const payer of payers) {
    expect(state.disks[payer].entries).toEqual([]);
    const beyond = world.plans.reduce((sum, plan, n) => {
      const request = state.requests[n];
      if (!request || plan.payer !== payer || request.stage === 'refused') return sum;
      return sum + (request.isLapsed ? plan.cost : Math.max(0, plan.cost - request.hold));
    }, 0);
    expect(usedOf(world, state.rows, payer)).toBeLessThanOrEqual(world.acquired + beyond);
  }
}

/** All that tells two states of a payer apart: an exchange's texts do not. */
function partOf(world: World, state: State, payer: Payer): string {
  const disk = state.disks[payer];
  const entryKey = (entry: Entry) => [
    entry.id,
    entry.hold,
    entry.leaseUntil,
    entry.settlement.revision,
    entry.settlement.cost,
    entry.committed,
    entry.question && [entry.question.isCostKnown, entry.question.nextAt !== null],
  ];
  const batchKey = (batch: Batch | null) =>
    batch && [
      batch.isCommitted,
      ...batch.sent.map(({ id, revision, cost }) => [id, revision, cost]),
    ];
  return JSON.stringify([
    world.plans.map((plan, n) =>
      plan.payer === payer ? [state.requests[n], state.rows[exchangeId(n)]] : null,
    ),
    disk.account?.used,
    disk.entries.map((entry) => JSON.stringify(entryKey(entry))).toSorted(),
    batchKey(state.inFlight[payer]),
    payer === world.unlucky && [state.mishaps, batchKey(state.orphan)],
  ]);
}

/** 106 bits of a text: two of some millions of states that share them are not to be expected. */
function digest(text: string): string {
  const [a, b] = [halfDigest(text, 1), halfDigest(text, 2)];
  return `${a.toString(36)}.${b.toString(36)}`;
}

/** cyrb53: two multiplicative hashes of 32 bits, mixed. */
function halfDigest(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}

function firstOf(world: World, mishaps: State['mishaps']): State {
  const empty: Disk = { entries: [], account: null };
  return {
    requests: world.plans.map(() => ({
      stage: 'new',
      isAttached: false,
      hold: 0,
      isLapsed: false,
    })),
    disks: { ann: empty, bob: empty },
    inFlight: { ann: null, bob: null },
    orphan: null,
    rows: {},
    mishaps,
  };
}

function explore(world: World, mishaps: State['mishaps']): { states: number; ends: number } {
  const keyOf = (state: State) => digest(payers.map((payer) => partOf(world, state, payer)).join());
  const first = firstOf(world, mishaps);
  const seen = new Set([keyOf(first)]);
  const open = [first];
  let ends = 0;
  for (let state = open.pop(); state; state = open.pop()) {
    let isEnd = true;
    for (const after of whatCanHappenInTurn(world, state)) {
      isEnd = false;
      const key = keyOf(after);
      if (seen.has(key)) continue;
      seen.add(key);
      check(world, after);
      open.push(after);
    }
    if (isEnd) {
      ends += 1;
      checkEnd(world, state);
    }
  }
  return { states: seen.size, ends };
}

/** Goes one way through all that can happen, in any order of the payers, and tells of each step. */
function walk(world: World, mishaps: State['mishaps'], step: Step): void {
  let state = firstOf(world, mishaps);
  for (;;) {
    const next = [...whatCanHappen(world, state)];
    const after = next[step.oneOf(next.length)];
    if (!after) break;
    check(world, after);
    step.see(state, after);
    state = after;
  }
  checkEnd(world, state);
}
type Step = {
  /** Chooses one of so many. */
  readonly oneOf: (count: number) => number;
  readonly see: (before: State, after: State) => void;
};

const plan = (payer: Payer, cost: number, isCostTold: boolean): Plan => ({
  payer,
  cost,
  isCostTold,
});

const none = { crashes: 0, failures: 0, repeats: 0 };
const all = { crashes: 1, failures: 1, repeats: 1 };
const two = [plan('ann', 7, true), plan('ann', 11, false)];
const three = [...two, plan('bob', 13, true)];

/** Two exchanges of a payer meet in each state that matters. Everything at once takes minutes. */
const isWhole = process.env['PROOF_RUNS'] !== undefined;
const cases: readonly (readonly [string, State['mishaps'], readonly Plan[], Payer])[] = [
  ['a crash of the object', { ...none, crashes: 1 }, two, 'ann'],
  ['a message that comes twice', { ...none, repeats: 1 }, two, 'ann'],
  ['a lost answer of Postgres', { ...none, failures: 1 }, isWhole ? two : two.slice(1), 'ann'],
  ['a crash, a lost answer and a repeat', all, isWhole ? two : two.slice(1), 'ann'],
  ['a crash beside two exchanges of another payer', { ...none, crashes: 1 }, three, 'bob'],
  ...(isWhole
    ? ([
        ['a crash beside an exchange of another payer', { ...none, crashes: 1 }, three, 'ann'],
      ] as const)
    : []),
];

test.each(cases)(
  '%s, anywhere: nothing is lost, nothing charged twice, nobody richer than the books say',
  (_name, mishaps, plans, unlucky) => {
    const { states, ends } = explore({ plans, acquired: 15, hold: 10, unlucky }, mishaps);
    expect(states).toBeGreaterThan(ends);
    expect(ends).toBeGreaterThan(0);
  },
  20 * 60_000,
);

const WALKS = isWhole ? 2000 : 50;

test(`two ledgers, in ${WALKS} orders of theirs: what happens to one neither changes the other nor what can happen to it`, () => {
  const world = { plans: three, acquired: 15, hold: 10, unlucky: 'ann' } as const;
  const afterOf = (state: State, payer: Payer) =>
    [...whatCanHappenTo(payer, world, state)].map((after) => partOf(world, after, payer));
  fc.assert(
    fc.property(fc.gen(), (any) => {
      walk(world, all, {
        oneOf: (count) => (count === 0 ? 0 : any(fc.nat, { max: count - 1 })),
        see: (before, after) => {
          const others = payers.filter(
            (payer) => partOf(world, before, payer) === partOf(world, after, payer),
          );
          expect(others.length).toBeGreaterThan(0);
          for (const other of others) {
            expect(afterOf(after, other)).toEqual(afterOf(before, other));
          }
        },
      });
    }),
    { numRuns: WALKS },
  );
});
