import { Hono } from 'hono';
import { edgeOf } from './adapters/edge-cloudflare.ts';
import { consoleLog } from './adapters/log.ts';
import { admin } from './admin.ts';
import { handle } from './handle.ts';
import { internalError, notFound } from './render.ts';
import type { needsFrom } from './wiring.ts';
import { adminFrom } from './wiring/admin.ts';
import { reporterFrom } from './wiring/house.ts';

type Shell = { Bindings: Env; Variables: { requestId: string } };

/** The HTTP shell: routes, request ids, and what happens when something throws. */
export function appWith(needsOf: typeof needsFrom) {
  const app = new Hono<Shell>();

  app.use(async (context, next) => {
    context.set('requestId', crypto.randomUUID());
    await next();
    context.res.headers.set('x-request-id', context.get('requestId'));
  });

  app.get('/health', (context) => context.json({ status: 'ok' }));

  for (const prefix of ['/api/openrouter/*', '/api/gateway/*']) {
    app.all(prefix, async (context) => {
      const request = context.req.raw;
      const requestId = context.get('requestId');
      const traceparent = request.headers.get('traceparent');
      const background = (work: Promise<void>): void => context.executionCtx.waitUntil(work);
      const needs = needsOf(context.env, { requestId, traceparent, background });
      const handling = handle({ request, edge: edgeOf(request) }, needs);
      // From the first byte to the last row: a client that leaves early must not end what it has begun.
      const settled = handling.then((handled) => handled.settled).catch(() => undefined);
      context.executionCtx.waitUntil(settled.then(needs.trace.send));
      const { response } = await handling;
      needs.trace.answered(response.status);
      return response;
    });
  }

  app.all('/admin/*', (context) =>
    admin(context.req.raw, adminFrom(context.env, context.get('requestId'))),
  );

  app.notFound(() => notFound());

  app.onError((cause, context) => {
    const log = consoleLog({ requestId: context.get('requestId') });
    context.executionCtx.waitUntil(reporterFrom(context.env, log).unexpected(cause));
    return internalError();
  });

  return app;
}
