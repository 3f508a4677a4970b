import { byteBudget } from '@gateway/worker-utils/byte-budget';
import { ModelId } from '@gateway/worker-utils/ids';
import type { Signal } from '@gateway/worker-utils/own-signal';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import type { Call, Target, UpstreamRequest } from '../../exchange/exchange.ts';
import { modelOf } from '../../catalog/models/catalogue.ts';
import { tryTargets } from './try-targets.ts';
import { circuitBreakers } from './circuit-breakers.ts';

const START = 1_800_000_000_000;
const id = ModelId.parse('maker/model');

/** A time that passes when everybody waits. */
function fakeTime() {
  let now = START;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const pause = (ms: number, signal?: Signal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = { at: now + ms, wake: () => (sleepers.delete(sleeper), resolve()) };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake);
      if (signal?.aborted === true) sleeper.wake();
    });
  async function passUntil<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    void work.finally(() => (isOver = true));
    for (;;) {
      for (let turn = 0; turn < 10; turn += 1) await new Promise((next) => setImmediate(next));
      if (isOver) return work;
      const first = [...sleepers].toSorted((a, b) => a.at - b.at)[0];
      if (!first) throw new Error('Nobody will ever go on.');
      now = Math.max(now, first.at);
      first.wake();
    }
  }
  return { clock: { now: () => Instant.parse(now) }, pause, passUntil, passed: () => now - START };
}
type Time = ReturnType<typeof fakeTime>;

/** What an upstream does, in milliseconds. */
type Behaviour = {
  readonly headers?: number;
  readonly status?: number;
  /** After the headers; never, if not said. */
  readonly token?: number;
  /** Between comments, until then. */
  readonly comments?: number;
};

async function reply(does: Behaviour, time: Time, signal: AbortSignal): Promise<Response> {
  await time.pause(does.headers ?? 0, signal);
  signal.throwIfAborted();
  const { status = 200, token = Number.POSITIVE_INFINITY, comments = token } = does;
  const text = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      signal.addEventListener('abort', () => controller.error(signal.reason), { once: true });
      for (let ms = 0; ms < token && !signal.aborted; ms += comments) {
        await time.pause(Math.min(comments, token - ms), signal);
        if (!signal.aborted) controller.enqueue(text.encode(': alive\n\n'));
      }
      if (signal.aborted) return;
      controller.enqueue(text.encode('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'));
    },
  });
  const headers = { 'content-type': 'text/event-stream', 'x-generation-id': 'gen' };
  return new Response(body, { status, headers });
}

/** Asks OpenRouter, and Vercel where there are two behaviours of upstreams. */
async function ask(behaviours: readonly [Behaviour, Behaviour?], leavesAt?: number) {
  const time = fakeTime();
  const sent: { readonly provider: string; readonly at: number; readonly signal: AbortSignal }[] =
    [];
  const callTo = (target: Target): Call => ({
    target,
    compose: async () => ({
      kind: 'http',
      url: target.provider,
      headers: {},
      body: '',
      ownKeys: [],
    }),
  });
  const first = callTo({ kind: 'platform', provider: 'openrouter' });
  const second = callTo({ kind: 'platform', provider: 'vercel' });
  const leaving = new AbortController();
  if (leavesAt !== undefined) void time.pause(leavesAt).then(() => leaving.abort());
  const asking = tryTargets(
    {
      arrival: { clientSignal: leaving.signal },
      onGenerationId: () => undefined,
      chat: { model: id, stream: true },
      model: modelOf(id, id),
      calls: behaviours[1] ? [first, second] : [first],
    },
    {
      clock: time.clock,
      pause: time.pause,
      heldAnswers: byteBudget(1024),
      silenceOf: () => ({ seconds: 25, thinkingSeconds: 25 }),
      chance: () => 0,
      circuits: circuitBreakers(new Map(), time.clock),
      upstream: {
        send(request: UpstreamRequest, signal) {
          const provider = request.kind === 'http' ? request.url : '';
          sent.push({ provider, at: time.passed(), signal });
          const does = provider === 'vercel' ? behaviours[1] : behaviours[0];
          return reply(does ?? {}, time, signal);
        },
      },
    },
  );
  const outcome = await time.passUntil(asking);
  return {
    outcome,
    ms: time.passed(),
    sent: sent.map(({ provider, at }) => [provider, at]),
    ended: sent.map(({ signal }) => signal.aborted),
  };
}

test('a late first token starts the second target, whose answer aborts the first', async () => {
  const { outcome, ms, sent, ended } = await ask([{ token: 20_000 }, { token: 500 }]);
  expect(outcome).toMatchObject({
    kind: 'answered',
    target: { provider: 'vercel' },
    attemptNumber: 2,
    failures: [{ attemptNumber: 1, target: { provider: 'openrouter' }, ending: 'hedged-late' }],
  });
  expect(sent).toEqual([
    ['openrouter', 0],
    ['vercel', 12_000],
  ]);
  expect(ms).toBe(12_500);
  expect(ended).toEqual([true, false]);
});

test('the first token wins, even from the late attempt', async () => {
  const { outcome, ms, ended } = await ask([{ token: 13_000 }, { token: 5000 }]);
  expect(outcome).toMatchObject({
    target: { provider: 'openrouter' },
    attemptNumber: 1,
    failures: [{ attemptNumber: 2, target: { provider: 'vercel' }, ending: 'hedged-lost' }],
  });
  expect(ms).toBe(13_000);
  expect(ended).toEqual([false, true]);
});

test('comments keep an attempt alive but are no first token', async () => {
  const { outcome, sent } = await ask([
    { token: 90_000, comments: 1000 },
    { token: 80_000, comments: 1000 },
  ]);
  expect(outcome).toMatchObject({ attemptNumber: 1, target: { provider: 'openrouter' } });
  expect(sent).toHaveLength(2);
});

test('aborts a completely silent target after 25 seconds and does not retry it', async () => {
  const { outcome, ms, sent } = await ask([{}, {}]);
  expect(sent).toEqual([
    ['openrouter', 0],
    ['vercel', 12_000],
  ]);
  expect(ms).toBe(12_000 + 25_000);
  expect(outcome).toMatchObject({ kind: 'answered', failures: [{ ending: 'cut' }] });
});

test('the last target has no first-token limit', async () => {
  const { outcome, ms, sent } = await ask([{ status: 503 }, { headers: 100_000, token: 100_000 }]);
  expect(outcome).toMatchObject({
    kind: 'answered',
    attemptNumber: 2,
    failures: [{ attemptNumber: 1, ending: 'failed' }],
  });
  // Its headers are enough: nobody is left to take its place.
  expect(ms).toBe(100_000);
  expect(sent).toHaveLength(2);
});

test('the only target answers with its headers', async () => {
  const { outcome, ms } = await ask([{ headers: 300, token: 30_000 }]);
  expect(outcome).toMatchObject({ kind: 'answered', attemptNumber: 1, failures: [] });
  expect(ms).toBe(300);
});

test('a client that leaves while an answer is held aborts the call but keeps the cost lookup possible', async () => {
  const { outcome, ms, sent, ended } = await ask([{ token: 10_000 }, { token: 0 }], 4000);
  expect(outcome).toMatchObject({ kind: 'answered', attemptNumber: 1, failures: [] });
  const answer = outcome.kind === 'answered' ? outcome.reply : null;
  expect(answer?.headers.get('x-generation-id')).toBe('gen');
  expect(ms).toBe(4000);
  expect(sent).toHaveLength(1);
  expect(ended).toEqual([true]);
});

test('does not try another target after the client left before the headers', async () => {
  const { outcome, sent } = await ask([{ headers: 10_000 }, { token: 0 }], 4000);
  expect(outcome).toMatchObject({ kind: 'exhausted', ending: 'client-left', failures: [] });
  expect(sent).toHaveLength(1);
});
