import type { Delivered, Simulator } from '@gateway/local/simulator';
import { gatewayAt } from '../../test/support/attempts.ts';

/** What a gateway was asked, as that gateway knows it. */
export type Call = Pick<Delivered, 'at' | 'status' | 'tokens' | 'ending' | 'cost'> & {
  readonly gateway: string;
};

/** All calls for models whose names end so, in order. A gateway may know a model by another maker. */
export const callsFor = (simulator: Simulator, modelEnd: string): readonly Call[] =>
  simulator
    .log()
    .filter(({ model }) => model.endsWith(modelEnd))
    .map(({ path, at, status, tokens, ending, cost }) => {
      return { gateway: gatewayAt(path), at, status, tokens, ending, cost };
    });

/** For requests one after the other, the calls that each has caused. */
export const callsOfEach = (
  calls: readonly Call[],
  starts: readonly number[],
): readonly (readonly Call[])[] =>
  starts.map((from, index) => {
    const until = starts[index + 1] ?? Infinity;
    return calls.filter(({ at }) => at >= from && at < until);
  });
