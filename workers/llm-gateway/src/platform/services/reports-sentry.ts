import { CloudflareClient, createTransport, Scope } from '@sentry/cloudflare';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock } from '@gateway/worker-utils/time';
import type { Report } from '../../reporting/reports/report.ts';
import { errorLocationOf } from '../error-location.ts';

type Needs = {
  /** Empty: nothing is sent. */
  readonly dsn: string;
  readonly environment: string;
  readonly clock: Clock;
  readonly log: Log;
};

export type Reporter = {
  readonly report: (report: Report) => Promise<void>;
  /** A bug, or what nobody had foreseen. */
  readonly unexpected: (cause: unknown) => Promise<void>;
};

const SEND_MS_MAX = 3_000;

/** Writes every report to the log, and sends those that are tracked to Sentry. Never rejects. */
export function reporterOf({ dsn, environment, clock, log }: Needs): Reporter {
  const send = async (event: SentEvent): Promise<void> => {
    if (dsn === '' || !spend(event.message ?? 'unexpected', clock.now())) return;
    try {
      await sendTo(dsn, { ...event, environment });
    } catch (cause) {
      log.warn('Sentry did not take a report', { cause });
    }
  };
  return {
    async report({ level, message, source, isTracked, user, facts }) {
      const write = level === 'warning' ? log.warn : log.error;
      write(message, { source, ...facts });
      if (!isTracked) return;
      await send({
        level,
        message,
        tags: { source },
        extra: facts,
        ...(user && { user: { id: user } }),
      });
    },
    async unexpected(cause) {
      log.error('unexpected error', { cause });
      await send({ level: 'error', ...describe(cause), tags: { source: 'openrouter-proxy' } });
    },
  };
}

type SentEvent = Parameters<CloudflareClient['captureEvent']>[0];

/** By name and place: a message may hold what it failed on. */
function describe(cause: unknown): Pick<SentEvent, 'exception' | 'extra'> {
  if (!(cause instanceof Error)) return { exception: { values: [{ type: typeof cause }] } };
  const code = 'code' in cause ? String(cause.code) : null;
  return {
    exception: { values: [{ type: cause.name, value: code ?? cause.name }] },
    extra: { place: errorLocationOf(cause) },
  };
}

/**
 * A client for one event. The library's usual way is to wrap the worker and to watch all that it does: requests, headers,
 * calls and what is logged would then be in every event.
 */
async function sendTo(dsn: string, event: SentEvent): Promise<void> {
  const failures: unknown[] = [];
  const client = new CloudflareClient({
    dsn,
    integrations: [],
    stackParser: () => [],
    sendClientReports: false,
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        try {
          return await post(options.url, body, options.headers);
        } catch (cause) {
          failures.push(cause);
          throw cause;
        }
      }),
  });
  client.init();
  client.captureEvent(event, {}, new Scope());
  await client.flush(SEND_MS_MAX);
  client.dispose();
  if (failures.length > 0) throw failures[0];
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ statusCode: number }> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers,
    signal: AbortSignal.timeout(SEND_MS_MAX),
  });
  await answer.body?.cancel();
  return { statusCode: answer.status };
}

const WINDOW_MS = 60_000;
const EVENTS_IN_WINDOW_MAX = 10;
const MESSAGES_MAX = 100;
type Spent = { readonly startedAt: number; readonly events: number };
const spentOn = new Map<string, Spent>();

/**
 * When a provider is down, every exchange has the same to report: the log has them all, Sentry needs a few of each kind. A
 * stranger who sends nonsense uses up no other kind's share.
 */
function spend(message: string, now: number): boolean {
  const known = spentOn.get(message);
  const isRunning = known && now - known.startedAt < WINDOW_MS;
  const spent = isRunning ? known : { startedAt: now, events: 0 };
  if (!known && spentOn.size >= MESSAGES_MAX) spentOn.clear();
  spentOn.set(message, { ...spent, events: spent.events + 1 });
  return spent.events < EVENTS_IN_WINDOW_MAX;
}
