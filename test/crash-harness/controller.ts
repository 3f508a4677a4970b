import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Crossing, type Verdict } from './failpoint.ts';

/** Where a crash falls: a crossing, and which one of its name it is. */
export type Point = string;

export type Told = Crossing & { readonly point: Point };

/** Hears of every crossing, and decides when it may go on. */
export type Controller = {
  readonly url: string;
  /** In the order in which they were told. */
  readonly told: (payer: string) => readonly Told[];
  /** For what happens in the test's own process. */
  readonly cross: (crossing: Crossing) => Promise<Verdict>;
  /** Holds a payer's exchange there. */
  readonly aim: (payer: string, point: Point) => void;
  /** What becomes of a crossing that is not held. Nothing, where nobody has said anything. */
  readonly decide: (decide: (told: Told) => Verdict) => void;
  readonly isHeld: (payer: string) => boolean;
  /** Lets nothing begin in a ledger any more, and waits until what has begun in theirs is known to be durable. */
  readonly freeze: (payers: readonly string[]) => Promise<void>;
  /** Lets everything go on, and holds nothing any more. */
  readonly release: (verdictOf: (point: Point) => Verdict) => void;
  readonly close: () => Promise<void>;
};

/** Only a guard against a test that would wait for ever. */
const FREEZE_MS_MAX = 30_000;

export async function startController(): Promise<Controller> {
  const told = new Map<string, Told[]>();
  const counts = new Map<string, number>();
  const aims = new Map<string, Point>();
  const held = new Map<string, Told>();
  let decide: (told: Told) => Verdict = goOn;
  let frozen: PromiseWithResolvers<void> | null = null;
  let gate = Promise.withResolvers<(point: Point) => Verdict>();

  /** One whose ledger is held in the middle of a turn, or waits for Postgres there, is as durable as it will get. */
  const isTurning = (payer: string): boolean => {
    const phases = (told.get(payer) ?? []).filter(isTurn).map(({ phase }) => phase);
    const began = phases.filter((phase) => phase === 'before').length;
    return began * 2 > phases.length && !isBehindMessage(held.get(payer));
  };

  const cross = async (crossing: Crossing): Promise<Verdict> => {
    const own = told.get(crossing.payer) ?? [];
    told.set(crossing.payer, own);
    if (isTurn(crossing) && crossing.phase === 'before') await frozen?.promise;
    const name = `${crossing.place} ${crossing.port} ${crossing.phase}`;
    const ordinal = (counts.get(`${crossing.payer} ${name}`) ?? 0) + 1;
    counts.set(`${crossing.payer} ${name}`, ordinal);
    const point = `${name} ${ordinal}`;
    const now = { ...crossing, point };
    own.push(now);
    if (aims.get(crossing.payer) !== point) return decide(now);
    held.set(crossing.payer, now);
    const verdictOf = await gate.promise;
    return verdictOf(point);
  };

  const pointsOf = (payer: string) =>
    told
      .get(payer)
      ?.map(({ point }) => point)
      .join(', ');
  const { url, close } = await listen(cross);
  return {
    url,
    close,
    cross,
    told: (payer) => told.get(payer) ?? [],
    aim: (payer, point) => void aims.set(payer, point),
    decide: (next) => {
      decide = next;
    },
    isHeld: (payer) => held.has(payer),
    async freeze(payers) {
      frozen ??= Promise.withResolvers();
      const deadline = performance.now() + FREEZE_MS_MAX;
      for (;;) {
        const payer = payers.find(isTurning);
        if (payer === undefined) return;
        if (performance.now() > deadline) throw new Error(`Does not end: ${pointsOf(payer)}`);
        await sleep(5);
      }
    },
    release(verdictOf) {
      aims.clear();
      held.clear();
      gate.resolve(verdictOf);
      gate = Promise.withResolvers();
      frozen?.resolve();
      frozen = null;
    },
  };
}

const goOn = (): Verdict => 'go';

const isBehindMessage = (held: Told | undefined): boolean =>
  held?.place === 'ledger' || held?.place === 'clearing';

/** A message to a ledger, or its alarm. */
const isTurn = ({ place, port }: Crossing): boolean =>
  place === 'ledger' && port.startsWith('ledger.');

async function listen(cross: Controller['cross']) {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const crossing = Crossing.parse(JSON.parse(await text(request)));
      response.end(await cross(crossing));
    };
    answer().catch(() => response.destroy());
  });
  server.keepAliveTimeout = 10 * 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
