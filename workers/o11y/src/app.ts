import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isAdmin } from './http/is-admin.ts';
import { parsedBody } from './http/parsed-body.ts';
import type { Log } from './log.ts';

export type AppNeeds = {
  /** Null: not configured, and then nobody is let in. */
  readonly adminToken: () => Promise<string | null>;
  readonly ingestApiMetrics: (metrics: ApiMetrics) => Promise<void>;
  readonly log: Log;
};

const BODY_BYTES_MAX = 1024 * 1024;

/** The HTTP shell. Everything in it is behind the admin token. */
export const app = new Hono<{ Bindings: AppNeeds }>();

app.use(async (context, next) => {
  const given = context.req.header('x-o11y-admin-token');
  if (await isAdmin(given, await context.env.adminToken())) return next();
  return context.json({ success: false, error: 'Unauthorized' }, 401);
});

app.use(
  bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: (context) => context.json({ success: false, error: 'Request too large' }, 413),
  }),
);

app.post('/ingest/api-metrics', async (context) => {
  const metrics = await parsedBody(context.req.raw, ApiMetrics);
  if (!metrics.ok) return metrics.error;
  await context.env.ingestApiMetrics(metrics.value);
  return context.body(null, 204);
});

app.onError((cause, context) => {
  context.env.log.error('unexpected error', { path: context.req.path, cause: cause.name });
  return context.json({ success: false, error: 'Internal server error' }, 500);
});
