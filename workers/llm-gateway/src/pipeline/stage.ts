import type { Result } from '@gateway/worker-utils/result';
import type { Trace } from '@gateway/worker-utils/trace';
import type { Refusal } from '../exchange/refusal.ts';

/** One arrow of the pipeline: what is known before, what is known after, what it needs from outside. */
export type Stage<In, Out, Needs> = (
  input: In,
  needs: Needs,
) => Result<Out, Refusal> | Promise<Result<Out, Refusal>>;

export type Pipeline<In, Out, Needs> = {
  readonly run: (input: In, needs: Needs & Traced) => Promise<Result<Out, Refusal>>;
  /** Not named `then`: an object with a `then` method is unwrapped by `await`. */
  readonly to: <Next, More>(stage: Stage<Out, Next, More>) => Pipeline<In, Next, Needs & More>;
  /** On with another pipeline, whose stages keep their own spans. */
  readonly through: <Next, More>(
    rest: Pick<Pipeline<Out, Next, More>, 'run'>,
  ) => Pipeline<In, Next, Needs & More>;
};
export type Traced = { readonly trace: Trace };

export const pipeline = <In, Out, Needs>(first: Stage<In, Out, Needs>): Pipeline<In, Out, Needs> =>
  ending(async (input, needs) => measured(first, input, needs));

function ending<In, Out, Needs>(run: Pipeline<In, Out, Needs>['run']): Pipeline<In, Out, Needs> {
  return {
    run,
    to: <Next, More>(next: Stage<Out, Next, More>) =>
      ending<In, Next, Needs & More>(async (input, needs) => {
        const done = await run(input, needs);
        return done.ok ? measured(next, done.value, needs) : done;
      }),
    through: <Next, More>(rest: Pick<Pipeline<Out, Next, More>, 'run'>) =>
      ending<In, Next, Needs & More>(async (input, needs) => {
        const done = await run(input, needs);
        return done.ok ? rest.run(done.value, needs) : done;
      }),
  };
}

/** A stage is one span of the request's trace, under its own name. */
const measured = <In, Out, Needs>(
  stage: Stage<In, Out, Needs>,
  input: In,
  needs: Needs & Traced,
): Result<Out, Refusal> | Promise<Result<Out, Refusal>> =>
  needs.trace.span(stage.name, () => stage(input, needs));
