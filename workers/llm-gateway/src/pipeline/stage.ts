import type { Result } from '@gateway/worker-utils/result';
import type { Refusal } from '../refusal.ts';

/** One arrow of the pipeline: what is known before, what is known after, what it needs from outside. */
export type Stage<In, Out, Needs> = (
  input: In,
  needs: Needs,
) => Result<Out, Refusal> | Promise<Result<Out, Refusal>>;

export type Pipeline<In, Out, Needs> = {
  readonly run: (input: In, needs: Needs) => Promise<Result<Out, Refusal>>;
  /** Not named `then`: an object with a `then` method is unwrapped by `await`. */
  readonly to: <Next, More>(stage: Stage<Out, Next, More>) => Pipeline<In, Next, Needs & More>;
};

export function pipeline<In, Out, Needs>(first: Stage<In, Out, Needs>): Pipeline<In, Out, Needs> {
  const run = async (input: In, needs: Needs): Promise<Result<Out, Refusal>> => first(input, needs);
  return {
    run,
    to: <Next, More>(next: Stage<Out, Next, More>) =>
      pipeline<In, Next, Needs & More>(async (input, needs) => {
        const done = await run(input, needs);
        return done.ok ? next(done.value, needs) : done;
      }),
  };
}
