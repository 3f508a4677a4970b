import { BONUS_CATEGORY, type Database, reportedUser } from '@gateway/db';
import { type EventMessage, PostHog } from 'posthog-node';
import type { Issued } from '../postgres/kilo-pass-database.ts';
import type { Performers } from '../../billing/consequences/perform-consequences.ts';

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
    await capture(new PostHog(project, { host, ...OPTIONS }), {
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
  };

/** Tells PostHog of credits that a Kilo Pass gave. */
export const bonusReportOf =
  ({ host, key, lend }: Needs) =>
  async (issued: Issued): Promise<void> => {
    const project = await key();
    if (project === null) return;
    const user = await lend((database) => reportedUser(database, issued.user));
    if (user === null) return;
    await capture(new PostHog(project, { host, ...OPTIONS }), {
      distinctId: user.email,
      event: 'promotional_credits_issued',
      uuid: issued.exchange,
      properties: {
        credit_amount: issued.bonusCents / 100,
        credit_description: issued.description,
        credit_category: BONUS_CATEGORY,
        user_id: issued.user,
        is_idempotent: false,
        is_user_selfservicable: false,
        has_expiry: issued.expiresAt !== null,
        expiry_date: issued.expiresAt === null ? null : new Date(issued.expiresAt).toISOString(),
      },
    });
  };

/** Each event has a client of its own: one that outlives it would hold what belongs to one request. */
async function capture(posthog: PostHog, event: EventMessage): Promise<void> {
  const failures: unknown[] = [];
  posthog.on('error', (cause) => failures.push(cause));
  await posthog.captureImmediate(event);
  await posthog.shutdown();
  if (failures.length > 0) throw failures[0];
}
