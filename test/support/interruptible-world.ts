import { type Interruptible, interruptible } from './interruptible.ts';
import { startWorld, type World } from './world.ts';

/** A world whose workers can be kept from Postgres. The test itself is not. */
export type InterruptibleWorld = World & { readonly postgres: Interruptible };

export async function startInterruptibleWorld(): Promise<InterruptibleWorld> {
  let between: Interruptible | null = null;
  const world = await startWorld(
    {},
    {
      async between(server) {
        between = await interruptible(server);
        return between.port;
      },
    },
  );
  const postgres = held(between);
  return {
    ...world,
    postgres,
    async stop() {
      await world.stop();
      await postgres.close();
    },
  };
}

/** Assigned by a function that the compiler does not follow. */
function held(between: Interruptible | null): Interruptible {
  if (!between) throw new Error('The world has started without it.');
  return between;
}
