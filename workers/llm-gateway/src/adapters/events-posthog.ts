import { type Database, reportedUser } from '@gateway/db';
import { PostHog } from 'posthog-node';
import type { Performers } from '../consequences/perform-consequences.ts';

type Needs = {
  readonly host: string;
  /** Null where none is configured: nothing is sent then. */
  readonly key: () => Promise<string | null>;
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
};

/** One event, small and at once. A repeated one is dropped there, by its id. */
const OPTIONS = {
  disableCompression: true,
  requestTimeout: 3_000,
  fetchRetryCount: 1,
  fetchRetryDelay: 500,
} as const;

/** Tells PostHog of a user's first use. Its people are known by their e-mail, as in the host application. */
export const firstUsageOf =
  ({ host, key, lend }: Needs): Performers['first-usage'] =>
  async ({ exchange, user: id, at, milestone, model, cost }) => {
    const project = await key();
    if (project === null) return;
    const user = await lend((database) => reportedUser(database, id));
    if (user === null) return;
    const { event, ...facts } = milestone;
    // For this event alone: a client that outlives it would hold what belongs to one request.
    const posthog = new PostHog(project, { host, ...OPTIONS });
    const failures: unknown[] = [];
    posthog.on('error', (cause) => failures.push(cause));
    await posthog.captureImmediate({
      distinctId: user.email,
      event,
      timestamp: new Date(at),
      uuid: exchange,
      properties: {
        model,
        cost_mUsd: cost,
        has_payment_method: user.has_payment_method,
        ...facts,
      },
    });
    await posthog.shutdown();
    if (failures.length > 0) throw failures[0];
  };
