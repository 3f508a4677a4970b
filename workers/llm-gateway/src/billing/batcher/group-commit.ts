import { EXCHANGES_MAX, type SettledExchange, type SettleOutcome } from '@gateway/db';

type Settle = (exchanges: readonly SettledExchange[]) => Promise<SettleOutcome>;
type Asked = {
  readonly exchanges: readonly SettledExchange[];
  readonly answer: PromiseWithResolvers<SettleOutcome>;
};

/**
 * Settles what many ask for at once in rounds, one after the other, and tells each what became of its own (a group commit).
 * When a round fails, so do all who wait behind it: nobody stands in a line for a database that is away.
 * @param gather how long the first of a round waits for others.
 */
export function groupCommit(settle: Settle, gather: () => Promise<void>): Settle {
  let waiting: readonly Asked[] = [];
  let isAtWork = false;

  const work = async (): Promise<void> => {
    await gather();
    while (waiting.length > 0) await settleRound();
    // In the turn in which nobody was left: who comes after it begins anew.
    isAtWork = false;
  };
  const settleRound = async (): Promise<void> => {
    const round = firstOf(waiting);
    waiting = waiting.slice(round.length);
    try {
      const outcome = await settle(round.flatMap(({ exchanges }) => exchanges));
      for (const { exchanges, answer } of round) answer.resolve(partOf(outcome, exchanges));
    } catch (cause) {
      for (const { answer } of [...round, ...waiting]) answer.reject(cause);
      waiting = [];
    }
  };
  return (exchanges) => {
    const answer = Promise.withResolvers<SettleOutcome>();
    waiting = [...waiting, { exchanges, answer }];
    if (!isAtWork) {
      isAtWork = true;
      void work();
    }
    return answer.promise;
  };
}

/** At least one, and no more than a statement holds: what somebody asks for is not divided. */
function firstOf(waiting: readonly Asked[]): readonly Asked[] {
  let exchanges = 0;
  const beyond = waiting.findIndex(
    (asked) => (exchanges += asked.exchanges.length) > EXCHANGES_MAX,
  );
  return beyond === -1 ? waiting : waiting.slice(0, Math.max(1, beyond));
}

function partOf(
  { landings, parked }: SettleOutcome,
  exchanges: readonly SettledExchange[],
): SettleOutcome {
  const own = new Set(exchanges.map(({ id }) => id));
  return {
    landings: landings.filter(({ id }) => own.has(id)),
    parked: parked.filter(({ exchange }) => own.has(exchange.id)),
  };
}
