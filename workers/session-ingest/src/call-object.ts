import { withObjectRetry } from '@gateway/worker-utils/with-object-retry';

/** Calls an object, again where the platform says that this may help: every call here may be repeated. */
export const callObject = <Stub, T>(
  stub: () => Stub,
  call: (stub: Stub) => Promise<T>,
): Promise<T> =>
  withObjectRetry(
    {
      stub,
      pause: (ms) => scheduler.wait(ms),
      // oxlint-disable-next-line eslint/no-restricted-properties -- This is where chance comes from.
      chance: () => Math.random(),
    },
    call,
  );
