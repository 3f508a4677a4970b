import { getPath } from 'hono/utils/url';
import { normalizedPath } from '@gateway/worker-utils/normalized-path';
import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { bearerToken } from '@gateway/worker-utils/bearer-token';
import type { Intake } from '@gateway/worker-utils/read-within';
import type { Clock } from '@gateway/worker-utils/time';
import { Hono } from 'hono';
import { ErrorRateConfigInput, TtfbConfigInput } from './alerting/alert-config.ts';
import { alertConfigRoutes, type ConfigStore } from './http/alert-config-routes.ts';
import { baselineRoute } from './http/baseline-route.ts';
import { isAdmin } from './http/is-admin.ts';
import { parsedBody } from './http/parsed-body.ts';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Baselines } from './metrics/baseline.ts';
import { prometheusText } from './metrics/prometheus-text.ts';
import type { Totals } from './metrics/totals.ts';

export type AppNeeds = {
  /** Null: not configured, and then nobody is let in. */
  readonly adminToken: () => Promise<string | null>;
  readonly ingestApiMetrics: (metrics: ApiMetrics) => Promise<void>;
  readonly errorRateConfigs: ConfigStore<ErrorRateConfigInput>;
  readonly ttfbConfigs: ConfigStore<TtfbConfigInput>;
  readonly baselines: Baselines;
  /** Null where the metrics are not kept by this worker itself. */
  readonly totals: () => Promise<Totals | null>;
  readonly clock: Clock;
  readonly intake: Intake;
  readonly log: Log;
};

/** The HTTP shell. Everything in it is behind the admin token. */
export const app = new Hono<{ Bindings: AppNeeds }>({
  getPath: (request) => normalizedPath(getPath(request)),
});

app.use(async (context, next) => {
  // A scraper can send a bearer token, but not always a header of our naming.
  const given =
    context.req.header('x-o11y-admin-token') ?? bearerToken(context.req.header('authorization'));
  if (await isAdmin(given, await context.env.adminToken())) return next();
  return context.json({ success: false, error: 'Unauthorized' }, 401);
});

app.post('/ingest/api-metrics', async (context) => {
  const metrics = await parsedBody(context.req.raw, ApiMetrics, context.env.intake);
  if (!metrics.ok) return metrics.error;
  await context.env.ingestApiMetrics(metrics.value);
  return context.body(null, 204);
});

const errorRateConfigs = alertConfigRoutes({
  schema: ErrorRateConfigInput,
  storeOf: (needs: AppNeeds) => needs.errorRateConfigs,
});
const ttfbConfigs = alertConfigRoutes({
  schema: TtfbConfigInput,
  storeOf: (needs: AppNeeds) => needs.ttfbConfigs,
});
app.route('/alerting/config', errorRateConfigs);
app.route('/alerting/ttfb-config', ttfbConfigs);

app.get(
  '/alerting/baseline',
  baselineRoute(({ baselines }: AppNeeds, model) => baselines.errorRate(model)),
);
app.get(
  '/alerting/ttfb-baseline',
  baselineRoute(({ baselines }: AppNeeds, model) => baselines.ttfb(model)),
);

app.get('/metrics', async (context) => {
  const totals = await context.env.totals();
  if (totals === null) return context.notFound();
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
  return context.body(prometheusText(totals), 200, headers);
});

app.onError((cause, context) => {
  context.env.log.error('unexpected error', { path: context.req.path, cause: cause.name });
  return context.json({ success: false, error: 'Internal server error' }, 500);
});
