import { type Crossing, Verdict } from '../failpoint.ts';

const mark: unique symbol = Symbol('mark');

/**
 * Ports of which every function has been through a recorder. One that was forgotten does not have the mark, and does not
 * compile. What answers at once crosses nothing: a crash before it is a crash after what came before it.
 */
export type Recorded<P> = P extends (...args: never[]) => infer Result
  ? P & { readonly [mark]: Result extends Promise<unknown> ? 'crossing' : 'inline' }
  : P extends string | number
    ? P
    : P extends object
      ? { readonly [Key in keyof P]: Recorded<P[Key]> }
      : P;

type Marked<Call, Kind extends 'crossing' | 'inline'> = Call & { readonly [mark]: Kind };

export type Recorder = {
  /** Tells of a call before it is made and after it has returned, and waits each time until it may go on. */
  readonly crossing: <Args extends readonly unknown[], Result>(
    port: string,
    call: (...args: Args) => Promise<Result>,
  ) => Marked<(...args: Args) => Promise<Result>, 'crossing'>;
  /** The same for one call, whose answer may be withheld: as if it had been lost on its way. */
  readonly across: <Result>(
    port: string,
    call: (verdict: Verdict) => Promise<Result>,
  ) => Promise<Result>;
};

export function recorderOf(
  announce: (crossing: Pick<Crossing, 'port' | 'phase'>) => Promise<Verdict>,
): Recorder {
  const across: Recorder['across'] = async (port, call) => {
    const order = await announce({ port, phase: 'before' });
    const [answer] = await Promise.allSettled([call(order)]);
    const phase = answer.status === 'fulfilled' ? 'after' : 'failed';
    const verdict = await announce({ port, phase });
    if (verdict === 'lost') throw new Error(`The answer of ${port} was lost.`);
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  };
  return {
    across,
    crossing<Args extends readonly unknown[], Result>(
      port: string,
      call: (...args: Args) => Promise<Result>,
    ) {
      const through = (...args: Args) => across(port, () => call(...args));
      return Object.assign(through, { [mark]: 'crossing' as const });
    },
  };
}

/** For what answers at once. */
export const inline = <Args extends readonly unknown[], Result>(
  call: (...args: Args) => Result,
): Marked<(...args: Args) => Result, 'inline'> =>
  Object.assign((...args: Args) => call(...args), { [mark]: 'inline' as const });

/** Asks the test whether this may go on. */
export const announceTo =
  (url: string, about: Pick<Crossing, 'payer' | 'exchange' | 'place'>) =>
  async (crossing: Pick<Crossing, 'port' | 'phase'>): Promise<Verdict> => {
    const answer = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ ...about, ...crossing }),
    });
    return Verdict.parse(await answer.text());
  };
