import type { WriteResult, SettledExchange } from '@gateway/db';
import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Generation } from './generation.ts';
import { exchangeId, landingOf, settledExchange } from '../../testing/settled-exchange.ts';
import type { AccountReading } from './account.ts';
import { type GenerationAnswer, openLedger, type Ports } from './ledger-state.ts';
import { flush } from './flush.ts';
import { viewOf } from './ledger-view.ts';
import { reserve, type ReserveAsk } from './reserve.ts';
import { recordGenerationId, renew, settle } from './settle.ts';
import { storeIn } from './store.ts';
import { retryQuarantined } from './retry-quarantined.ts';
import { wake } from './wake.ts';

const START = 1_790_000_000_000;
const LEASE_MS = 90_000;
const usd = (amount: number): MicroUsd => MicroUsd.parse(Math.round(amount * 1_000_000));
const ann = UserId.parse('ann');
const acme = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What a test says of the world, and what was done to it. */
type Outside = {
  now: number;
  isPostgresAway: boolean;
  used: number;
  readonly batches: number[];
  readonly refuses: Set<string>;
  account: AccountReading | null;
  accountReads: number;
  tells: GenerationAnswer;
  asked: number;
  readonly reports: string[];
  wakeAt: number;
  readonly listed: boolean[];
};

const Count = z.object({ n: z.int() });

/** A ledger on a real SQLite, with a Postgres and a provider that do what a test says. */
function bench(overdraft = 0) {
  const sql = nodeSql();
  const outside: Outside = {
    now: START,
    isPostgresAway: false,
    used: 0,
    batches: [],
    refuses: new Set(),
    account: null,
    accountReads: 0,
    tells: { kind: 'silent' },
    asked: 0,
    reports: [],
    wakeAt: Infinity,
    listed: [],
  };
  const costs = new Map<string, number>();
  const landed = (exchange: SettledExchange): WriteResult => {
    outside.used += (exchange.cost ?? 0) - (costs.get(exchange.id) ?? 0);
    costs.set(exchange.id, exchange.cost ?? 0);
    return landingOf(exchange, MicroUsd.parse(outside.used));
  };
  const ports: Ports = {
    store: storeIn(sql),
    clock: { now: () => Instant.parse(outside.now) },
    accounts: {
      settle(exchanges) {
        if (outside.isPostgresAway) return Promise.reject(new Error('away'));
        outside.batches.push(exchanges.length);
        const refused = exchanges.filter(({ id }) => outside.refuses.has(id));
        const landings = exchanges.filter((exchange) => !refused.includes(exchange)).map(landed);
        const parked = refused.map((exchange) => ({ exchange, code: '23514' }));
        return Promise.resolve({ landings, parked });
      },
      accountFor() {
        outside.accountReads += 1;
        return outside.isPostgresAway
          ? Promise.reject(new Error('away'))
          : Promise.resolve(outside.account);
      },
    },
    charges: { applyLookup: () => Promise.resolve() },
    generations: {
      ask() {
        outside.asked += 1;
        return Promise.resolve(outside.tells);
      },
    },
    consequences: { perform: () => Promise.resolve() },
    index: {
      put(isOpen) {
        outside.listed.push(isOpen);
        return Promise.resolve();
      },
    },
    wakeAt: (at) => (outside.wakeAt = Math.min(outside.wakeAt, at)),
    leaseMs: LEASE_MS,
    terms: { memberRunningMax: 3, overdraft: usd(overdraft) },
    chance: () => 0.5,
    report: ({ message }) => Promise.resolve(void outside.reports.push(message)),
    log: silent,
  };
  let desk = openLedger(ports);
  return {
    sql,
    outside,
    /** On disk, since the object was made. */
    rowsWritten: () => Count.parse(sql.all('SELECT total_changes() AS n')[0]).n,
    get desk() {
      return desk;
    },
    /** Dies, and is found again on its disk. */
    crash: () => (desk = openLedger(ports)),
    /** The same, by a version that makes its tables anew. */
    reopen: () => storeIn(sql),
    /** As the platform's alarm: no earlier than it was asked for. */
    wakeUp: async () => {
      outside.now = Math.max(outside.now, outside.wakeAt);
      outside.wakeAt = Infinity;
      await wake(desk);
    },
  };
}

const exchange = (n: number, change: Partial<SettledExchange> = {}): SettledExchange =>
  settledExchange(n, { cost: usd(0.02), ...change });
const reading = (balance: number, at = START): AccountReading => ({
  used: usd(0),
  acquired: usd(balance),
  member: null,
  at: Instant.parse(at),
});
const estimate = (worst: number, typical = worst): ReserveAsk['estimate'] => ({
  worstCase: usd(worst),
  typicalCost: usd(typical),
});
const askFor = (n: number, balance: number, change: Partial<ReserveAsk> = {}): ReserveAsk => ({
  settlement: exchange(n),
  isCharged: true,
  estimate: estimate(0.05),
  account: reading(balance),
  ...change,
});
const question = { provider: 'openrouter', generation: 'gen-1', isCostKnown: false } as const;
const told = (cost: number): GenerationAnswer => {
  const data = {
    total_cost: cost,
    native_tokens_prompt: 3,
    native_tokens_completion: 4,
    native_tokens_cached: 0,
    latency: null,
    moderation_latency: null,
    generation_time: null,
  };
  return { kind: 'told', generation: { data } satisfies Generation };
};

const settleFor = (n: number, cost: number, change: Partial<SettledExchange> = {}) =>
  ({
    settlement: exchange(n, { cost: usd(cost), ...change }),
    isCharged: true,
    question: null,
  }) as const;

test('holds the worst case of a request, whatever the payer has used before', async () => {
  const { desk } = bench();
  for (let n = 100; n < 120; n += 1) settle(desk, settleFor(n, n % 2 === 0 ? 9 : 0.01));
  expect(await reserve(desk, askFor(1, 1000))).toEqual({ kind: 'held', hold: usd(0.05) });
});

test('fills a hold that was cut short with money that becomes free, before it admits another', async () => {
  const { desk, outside } = bench();
  outside.account = reading(1);
  outside.isPostgresAway = true;
  const dear = (n: number) => askFor(n, 1, { estimate: estimate(0.9) });
  expect(await reserve(desk, dear(1))).toEqual({ kind: 'held', hold: usd(0.9) });
  expect(await reserve(desk, dear(2))).toEqual({ kind: 'held', hold: usd(0.1) });
  settle(desk, settleFor(1, 0));
  // The first cost nothing, but nine tenths are for the second, which holds one.
  expect(await reserve(desk, dear(3))).toEqual({ kind: 'held', hold: usd(0.1) });
  settle(desk, settleFor(2, 0.9));
  expect(await reserve(desk, dear(4))).toEqual({ kind: 'busy' });
});

test('exceeds a balance by the worst case of one request at most, in whatever order requests begin and end', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const { desk, outside } = bench();
    outside.account = reading(1);
    outside.isPostgresAway = true;
    const random = randomOf(seed);
    const running = new Map<number, number>();
    let spent = 0;
    let dearest = 0;
    const end = (n: number, worst: number) => {
      const cost = random() < 0.5 ? worst : worst * random() * 0.1;
      running.delete(n);
      spent += cost;
      settle(desk, settleFor(n, cost));
    };
    for (let n = 0; n < 60; n += 1) {
      const worst = Math.ceil(random() * 100) / 100;
      const { kind } = await reserve(desk, askFor(n, 1, { estimate: estimate(worst) }));
      if (kind === 'held') {
        running.set(n, worst);
        dearest = Math.max(dearest, worst);
      }
      for (const [at, held] of running) if (random() < 0.2) end(at, held);
    }
    for (const [at, held] of running) end(at, held);
    // The balance is a dollar; amounts are rounded to a microdollar each.
    expect(spent).toBeLessThanOrEqual(1 + dearest + 0.001);
  }
});

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('counts typical costs instead of worst cases within an overdraft, and no further', async () => {
  const { desk } = bench(2);
  const ask = (n: number) => askFor(n, 1, { estimate: estimate(0.9, 0.1) });
  expect(await reserve(desk, ask(1))).toEqual({ kind: 'held', hold: usd(0.9) });
  expect(await reserve(desk, ask(2))).toEqual({ kind: 'held', hold: usd(0.9) });
  expect(await reserve(desk, ask(3))).toEqual({ kind: 'held', hold: usd(0.9) });
  // Three dollars, of which 2.70 are held.
  expect(await reserve(desk, ask(4))).toEqual({ kind: 'held', hold: usd(0.3) });
  expect(await reserve(desk, ask(5))).toEqual({ kind: 'busy' });
});

test('grants no overdraft to whom typical costs would take below nothing', async () => {
  const { desk } = bench(2);
  const ask = (n: number) => askFor(n, 1, { estimate: estimate(0.9, 0.6) });
  expect((await reserve(desk, ask(1))).kind).toBe('held');
  expect((await reserve(desk, ask(2))).kind).toBe('held');
  expect(await reserve(desk, ask(3))).toEqual({ kind: 'busy' });
  settle(desk, settleFor(1, 1.5));
  expect((await reserve(desk, ask(4))).kind).toBe('credits-required');
});

test('raises an alarm once when an answer costs more than the worst case, told at once or later', async () => {
  const { desk, outside, wakeUp } = bench();
  const alarm = 'An answer cost more than the worst case of its request';
  const dear = askFor(1, 10);
  await reserve(desk, dear);
  settle(desk, settleFor(1, 0.05));
  expect(outside.reports).toEqual([]);
  await reserve(desk, { ...dear, settlement: exchange(2) });
  settle(desk, settleFor(2, 0.06));
  settle(desk, settleFor(2, 0.06));
  expect(outside.reports).toEqual([alarm]);
  await reserve(desk, { ...dear, settlement: exchange(3) });
  recordGenerationId(desk, exchange(3).id, question);
  outside.tells = told(0.07);
  settle(desk, { settlement: exchange(3, { cost: null }), isCharged: true, question });
  await desk.flushing;
  await wakeUp();
  expect(outside.reports).toEqual([alarm, alarm]);
});

test('limits how many exchanges one member of an organisation runs, and no other member', async () => {
  const { desk } = bench();
  const ask = (n: number, user: string) =>
    askFor(n, 100, {
      settlement: exchange(n, { organization_id: acme, kilo_user_id: UserId.parse(user) }),
    });
  for (let n = 0; n < 3; n += 1) expect((await reserve(desk, ask(n, 'ann'))).kind).toBe('held');
  expect(await reserve(desk, ask(3, 'ann'))).toEqual({ kind: 'busy' });
  expect((await reserve(desk, ask(4, 'bob'))).kind).toBe('held');
  settle(desk, settleFor(0, 0.01, { organization_id: acme }));
  expect((await reserve(desk, ask(5, 'ann'))).kind).toBe('held');
});

test('reads what an older version has stored: holds without a worst case, and past costs', async () => {
  const { sql, ...at } = bench();
  await reserve(at.desk, askFor(1, 0.08));
  const change = "json_remove(json_remove(json, '$.worstCase'), '$.typicalCost')";
  sql.all(`UPDATE entries SET json = ${change}`);
  sql.all(`INSERT INTO facts VALUES ('costs', '{":vendor/model":[1]}')`);
  at.crash();
  expect(await reserve(at.desk, askFor(2, 0.08))).toEqual({ kind: 'held', hold: usd(0.03) });
  at.reopen();
  expect(sql.all("SELECT key FROM facts WHERE key = 'costs'")).toEqual([]);
});

test('the last of a balance is held whole, and whoever comes then is told to wait, not to pay', async () => {
  const { desk, outside } = bench();
  outside.account = reading(0.08);
  expect(await reserve(desk, askFor(1, 0.08))).toEqual({ kind: 'held', hold: usd(0.05) });
  expect(await reserve(desk, askFor(2, 0.08))).toEqual({ kind: 'held', hold: usd(0.03) });
  expect(await reserve(desk, askFor(3, 0.08))).toEqual({ kind: 'busy' });
  expect(await reserve(desk, askFor(2, 0.08))).toEqual({ kind: 'held', hold: usd(0.03) });
});

test('a reservation that arrives once more, after its exchange has ended, does not wipe out what is owed', async () => {
  const { desk, outside } = bench();
  outside.isPostgresAway = true;
  await reserve(desk, askFor(1, 10));
  settle(desk, { settlement: exchange(1), isCharged: true, question: null });
  await reserve(desk, askFor(1, 10));
  expect(viewOf(desk).exchanges).toMatchObject([{ state: 'owed', hold: 0, cost: usd(0.02) }]);
});

test('nobody is refused on old news: Postgres is asked first, once a second', async () => {
  const { desk, outside } = bench();
  outside.account = reading(0, START);
  const refused = { kind: 'credits-required', balance: 0 };
  expect(await reserve(desk, askFor(1, 0))).toEqual(refused);
  expect(await reserve(desk, askFor(2, 0))).toEqual(refused);
  expect(outside.accountReads).toBe(1);
  outside.account = reading(5, START + 1000);
  outside.now += 1000;
  expect(await reserve(desk, askFor(3, 0))).toEqual({ kind: 'held', hold: usd(0.05) });
});

test('a payer may run two hundred exchanges at once', async () => {
  const { desk } = bench();
  for (let n = 0; n < 200; n += 1) {
    expect((await reserve(desk, askFor(n, 100))).kind).toBe('held');
  }
  expect(await reserve(desk, askFor(200, 100))).toEqual({ kind: 'busy' });
  settle(desk, { settlement: exchange(0), isCharged: true, question: null });
  expect((await reserve(desk, askFor(200, 100))).kind).toBe('held');
});

test('beyond ten thousand debts that Postgres has not taken, a payer waits, and an operator hears of it', async () => {
  const { desk, outside } = bench();
  outside.isPostgresAway = true;
  await reserve(desk, askFor(0, 1_000_000));
  for (let n = 0; n <= 10_000; n += 1) {
    settle(desk, {
      settlement: exchange(n, { cost: usd(0.001) }),
      isCharged: true,
      question: null,
    });
  }
  expect(await reserve(desk, askFor(20_000, 1_000_000))).toEqual({ kind: 'unavailable' });
  expect(outside.reports).toEqual(['A ledger holds more settlements than Postgres takes']);
}, 60_000);

test("a member's day and the organisation's credits both limit, what is owed and held included", async () => {
  const { desk, outside } = bench();
  const limited = (used: number, limit: number): AccountReading => ({
    ...reading(10),
    member: {
      id: ann,
      day: new Date(START).toISOString().slice(0, 10),
      used: usd(used),
      limit: usd(limit),
    },
  });
  const ask = (n: number) =>
    askFor(n, 10, {
      settlement: exchange(n, { organization_id: acme }),
      account: limited(0.93, 1),
    });
  outside.account = limited(0.93, 1);
  outside.isPostgresAway = true;
  expect(await reserve(desk, ask(1))).toEqual({ kind: 'held', hold: usd(0.05) });
  settle(desk, {
    settlement: exchange(1, { organization_id: acme, cost: usd(0.06) }),
    isCharged: true,
    question: null,
  });
  expect(await reserve(desk, ask(2))).toEqual({ kind: 'held', hold: usd(0.01) });
  expect(await reserve(desk, ask(3))).toEqual({ kind: 'busy' });
  // Another member of the same organisation is not held up by that.
  const bob = UserId.parse('bob');
  const other = exchange(4, { organization_id: acme, kilo_user_id: bob });
  expect((await reserve(desk, askFor(4, 10, { settlement: other }))).kind).toBe('held');
});

test('a whole exchange is seven rows on disk, and one more where nothing was known of its payer', async () => {
  const { desk, outside, rowsWritten, wakeUp } = bench();
  outside.tells = told(0.02);
  const whole = async (n: number): Promise<number> => {
    const before = rowsWritten();
    await reserve(desk, askFor(n, 10, { account: reading(10, START + n) }));
    recordGenerationId(desk, exchange(n).id, question);
    const known = { ...question, isCostKnown: true };
    settle(desk, { settlement: exchange(n), isCharged: true, question: known });
    await desk.flushing;
    await wakeUp();
    expect(viewOf(desk).exchanges).toEqual([]);
    return rowsWritten() - before;
  };
  // Held, named, settled, landed with what is used, told, forgotten.
  expect(await whole(1)).toBe(8);
  expect(await whole(2)).toBe(7);
  expect(outside.used).toBe(usd(0.04));
});

test('what an organisation has, and what its members use, outlives a crash; only who asks is written', async () => {
  const { outside, crash, rowsWritten, ...at } = bench();
  const memberOf = (id: string, used: number): AccountReading => ({
    ...reading(10),
    member: {
      id,
      day: new Date(START).toISOString().slice(0, 10),
      used: usd(used),
      limit: usd(1),
    },
  });
  const ask = async (n: number, user: string, used: number) =>
    reserve(at.desk, {
      settlement: exchange(n, { organization_id: acme, kilo_user_id: UserId.parse(user) }),
      isCharged: true,
      estimate: estimate(0.05),
      account: memberOf(user, used),
    });
  for (let n = 0; n < 100; n += 1) await ask(n, `member-${n}`, 0.1);
  const before = rowsWritten();
  await ask(100, 'member-7', 0.2);
  await ask(101, 'member-7', 0.2);
  expect(rowsWritten() - before).toBe(3);

  const known = viewOf(at.desk).account;
  expect(viewOf(crash()).account).toEqual(known);
  expect(Object.keys(known?.members ?? {})).toHaveLength(100);
  expect(known?.members['member-7']).toMatchObject({ used: usd(0.2), limit: usd(1) });
  expect(outside.used).toBe(0);
});

test('debts reach Postgres in batches of a hundred, and outlive a crash while it is away', async () => {
  const { outside, crash, ...at } = bench();
  outside.isPostgresAway = true;
  for (let n = 0; n < 250; n += 1) {
    settle(at.desk, { settlement: exchange(n), isCharged: true, question: null });
  }
  await at.desk.flushing;
  const desk = crash();
  outside.isPostgresAway = false;
  await flush(desk);
  expect(outside.batches).toEqual([100, 100, 50]);
  expect(outside.used).toBe(usd(0.02) * 250);
  expect(viewOf(desk).exchanges).toEqual([]);
});

test('while Postgres refuses, it is asked with growing pauses, up to half a minute', async () => {
  const { outside, wakeUp, desk } = bench();
  outside.isPostgresAway = true;
  settle(desk, { settlement: exchange(1), isCharged: true, question: null });
  await desk.flushing;
  const pauses: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const before = outside.now;
    await wakeUp();
    pauses.push(outside.now - before);
  }
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  expect(pauses.at(-1)).toBeGreaterThan(10_000);
  expect(outside.listed).toEqual([true]);
  outside.isPostgresAway = false;
  await wakeUp();
  expect(viewOf(desk).exchanges).toEqual([]);
  expect(outside.listed).toEqual([true, false]);
});

test('a row that Postgres takes in no form is told of, stays owed, and keeps no other back', async () => {
  const { outside, desk } = bench();
  outside.refuses.add(exchangeId(1));
  for (const n of [1, 2])
    settle(desk, { settlement: exchange(n), isCharged: true, question: null });
  await desk.flushing;
  await flush(desk);
  expect(outside.reports).toContain('A settlement could not be written');
  expect(viewOf(desk).exchanges).toMatchObject([{ id: exchangeId(1), state: 'parked' }]);
  expect(outside.used).toBe(usd(0.02));

  // Mended, and taken up by an operator.
  await retryQuarantined(desk);
  expect(viewOf(desk).exchanges).toMatchObject([{ id: exchangeId(1), state: 'parked' }]);
  outside.refuses.clear();
  await retryQuarantined(desk);
  expect(viewOf(desk).exchanges).toEqual([]);
  expect(outside.used).toBe(usd(0.04));
});

test('an exchange nobody comes back for is given up after its lease, and charged what the provider tells', async () => {
  const { outside, wakeUp, desk } = bench();
  await reserve(desk, askFor(1, 10));
  recordGenerationId(desk, exchangeId(1), question);
  outside.now += LEASE_MS - 1;
  renew(desk, exchangeId(1));
  await wake(desk);
  expect(viewOf(desk).exchanges).toMatchObject([{ state: 'running' }]);
  outside.tells = told(0.07);
  outside.now += LEASE_MS;
  await wake(desk);
  while (viewOf(desk).exchanges.length > 0) await wakeUp();
  expect(outside.used).toBe(usd(0.07));
  expect(viewOf(desk).exchanges).toEqual([]);
});

test('what was held stays held until the cost is told, or is half a minute late', async () => {
  const { outside, wakeUp, desk } = bench();
  outside.account = reading(0.06);
  await reserve(desk, askFor(1, 0.06, { estimate: estimate(0.06) }));
  settle(desk, { settlement: exchange(1, { cost: null }), isCharged: true, question });
  await desk.flushing;
  expect(await reserve(desk, askFor(2, 0.06))).toEqual({ kind: 'busy' });
  const before = outside.now;
  while (outside.asked < 5) await wakeUp();
  expect(outside.now - before).toBeLessThan(40_000);
  expect((await reserve(desk, askFor(3, 0.06))).kind).toBe('held');
  expect(outside.reports).toEqual(['Timed out fetching openrouter generation']);
  outside.tells = told(0.05);
  while (outside.used === 0) await wakeUp();
  expect(outside.used).toBe(usd(0.05));
});

test('a provider that never tells is asked for a day, and no longer', async () => {
  const { outside, wakeUp, desk } = bench();
  settle(desk, { settlement: exchange(1, { cost: null }), isCharged: true, question });
  await desk.flushing;
  while (viewOf(desk).exchanges.length > 0) await wakeUp();
  const hours = (outside.now - START) / 3_600_000;
  expect(hours).toBeGreaterThanOrEqual(24);
  expect(hours).toBeLessThan(26);
  expect(outside.asked).toBeLessThan(40);
});

test('where the cost is known, the provider is asked three times within a minute; another cost is told of, not charged', async () => {
  const known = { ...question, isCostKnown: true };
  const patient = bench();
  settle(patient.desk, { settlement: exchange(1), isCharged: true, question: known });
  await patient.desk.flushing;
  while (viewOf(patient.desk).exchanges.length > 0) await patient.wakeUp();
  expect(patient.outside.asked).toBe(3);
  expect(patient.outside.now - START).toBeLessThan(60_000);
  expect(patient.outside.reports).toEqual([]);

  const other = bench();
  other.outside.tells = told(0.5);
  settle(other.desk, { settlement: exchange(1), isCharged: true, question: known });
  await other.desk.flushing;
  await other.wakeUp();
  await flush(other.desk);
  expect(other.outside.reports).toEqual([
    'The record of a generation tells another cost than its answer did',
  ]);
  expect(viewOf(other.desk).exchanges).toEqual([]);
});
