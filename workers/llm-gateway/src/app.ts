import { getPath } from 'hono/utils/url';
import { normalizedPath } from '@gateway/worker-utils/normalized-path';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { edgeOf } from './platform/edge-cloudflare.ts';
import { forwardTo } from './platform/services/fallback-origin.ts';
import { consoleLog } from './platform/log.ts';
import { admin } from './http/admin.ts';
import { endpoints } from './http/api/endpoints.ts';
import { openApiDocument } from './http/api/open-api.ts';
import { handle } from './pipeline/handle.ts';
import { deepHealth } from './http/health.ts';
import { handleIdempotent } from './idempotency/handle-idempotent.ts';
import { IDEMPOTENCY_KEY_HEADER } from './request/idempotency-key.ts';
import { chatCompletion } from './pipeline/chat-completion.ts';
import { fimCompletion } from './pipeline/fim-completion.ts';
import {
  badGateway,
  inOpenRouterShape,
  internalError,
  methodNotAllowed,
  notFound,
  render,
  jsonResponse,
} from './response/render-refusal.ts';
import { cachingOf } from './http/caching.ts';
import { bearerOf } from './request/bearer.ts';
import type { needsFrom } from './platform/wiring/needs.ts';
import { adminFrom } from './platform/wiring/admin.ts';
import { apiNeedsFrom } from './platform/wiring/api.ts';
import { healthFrom } from './platform/wiring/health.ts';
import { idempotentAnswersFrom } from './platform/wiring/idempotency.ts';
import { reporterFrom } from './platform/wiring/deps.ts';

type Shell = { Bindings: Env; Variables: { requestId: string } };

/** What is served, for programs that read it. */
const DOCUMENT_PATH = '/api/openapi.json';
const FIM_PATH = '/api/fim/completions';
/** `below`: what else comes there is told that it is not served. */
const COMPLETIONS = [
  ...['/api/openrouter', '/api/gateway', '/api/v1'].map((prefix) => ({
    path: `${prefix}/chat/completions`,
    below: `${prefix}/*`,
    completion: chatCompletion,
    name: 'chat completion' as const,
    // These two prefixes belonged to the host application, and may hold paths of its own.
    mayFallBack: prefix !== '/api/v1',
  })),
  {
    path: FIM_PATH,
    below: FIM_PATH,
    completion: fimCompletion,
    name: 'fim completion' as const,
    mayFallBack: false,
  },
];

/** The HTTP shell: routes, request ids, and what happens when something throws. */
export function appWith(needsOf: typeof needsFrom) {
  const app = new Hono<Shell>({ getPath: (request) => normalizedPath(getPath(request)) });

  app.use(async (context, next) => {
    context.set('requestId', crypto.randomUUID());
    await next();
    const { headers } = context.res;
    headers.set('x-request-id', context.get('requestId'));
    const isAuthenticated = context.req.header('authorization') !== undefined;
    for (const [name, value] of cachingOf(headers, isAuthenticated)) headers.set(name, value);
  });

  app.use(async (context, next) => {
    const origins = originsIn(context.env.CORS_ORIGINS);
    return origins === null ? next() : crossOrigin(origins)(context, next);
  });

  app.use('/api/v1/*', async (context, next) => {
    await next();
    if (context.res.status >= 400) context.res = await inOpenRouterShape(context.res);
  });

  app.get('/health', async (context) =>
    context.req.query('deep') === undefined
      ? context.json({ status: 'ok' })
      : deepHealth(context.req.raw, healthFrom(context.env, context.get('requestId'))),
  );

  app.get(DOCUMENT_PATH, (context) => context.json(openApiDocument(endpoints)));
  for (const path of ['/health', DOCUMENT_PATH]) onlyRead(app, path);
  answerQuestions(app);
  serveChats(app, needsOf);

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

function answerQuestions(app: Hono<Shell>): void {
  for (const endpoint of endpoints) {
    const paths = endpoint.paths.map(routeOf);
    app.on('GET', paths, async (context) => {
      const needs = apiNeedsFrom(context.env, { requestId: context.get('requestId') });
      const answer = await endpoint.respond(credentialsOf(context), needs);
      return answer.ok ? Response.json(answer.value) : render(answer.error, needs);
    });
    for (const path of paths) onlyRead(app, path);
  }
}

/** What else is asked there is answered so. After the route that reads. */
function onlyRead(app: Hono<Shell>, path: string): void {
  app.options(path, () => allowing('GET, HEAD'));
  app.all(path, () => methodNotAllowed('GET, HEAD'));
}

function serveChats(app: Hono<Shell>, needsOf: typeof needsFrom): void {
  for (const { path, below, completion, name, mayFallBack } of COMPLETIONS) {
    app.options(path, () => allowing('POST'));
    app.all(below, async (context) => {
      const request = context.req.raw;
      const requestId = context.get('requestId');
      if (context.req.path !== path && mayFallBack) {
        const answer = await fromFallback(context);
        if (answer) return answer;
      }
      const traceparent = request.headers.get('traceparent');
      const background = (work: Promise<void>): void => context.executionCtx.waitUntil(work);
      const needs = needsOf(context.env, { requestId, traced: { name, traceparent }, background });
      const incoming = { request, edge: edgeOf(request) };
      const key = completion === chatCompletion ? keyIn(context.req, path) : null;
      const handling =
        key === null
          ? handle(incoming, needs, completion)
          : handleIdempotent(incoming, key, {
              ...needs,
              ...idempotentAnswersFrom(context.env, { requestId }),
              requestId,
            });
      // From the first byte to the last row: a client that leaves early must not end what it has begun.
      const settled = handling.then((handled) => handled.settled).catch(() => undefined);
      context.executionCtx.waitUntil(settled.then(needs.trace.send));
      const { response } = await handling;
      needs.trace.answered(response.status);
      return response;
    });
  }
}

/** The host application's answer to a path that we don't serve. Null: none is configured, or we are what it falls back to. */
async function fromFallback({ env, req, get }: Context<Shell>): Promise<Response | null> {
  if (env.FALLBACK_ORIGIN === '') return null;
  try {
    return await forwardTo(env.FALLBACK_ORIGIN, req.raw);
  } catch (cause) {
    consoleLog({ requestId: get('requestId') }).warn('fallback origin unreachable', { cause });
    return jsonResponse(badGateway);
  }
}

/** Null: it names none, or is no chat. */
const keyIn = (request: Context['req'], path: string): string | null =>
  request.method === 'POST' && request.path === path
    ? (request.header(IDEMPOTENCY_KEY_HEADER) ?? null)
    : null;

const allowing = (allow: string): Response =>
  new Response(null, { status: 204, headers: { allow } });

/** From how OpenAPI writes a path to how the router does. */
const routeOf = (path: string): string => path.replaceAll(/\{(?<name>\w+)\}/g, ':$<name>');

function credentialsOf({ req }: Context<Shell>) {
  const named = req.header('x-kilocode-organizationid') || null;
  return {
    bearer: bearerOf(req.header('authorization') ?? null),
    organization: req.param('organization') ?? named,
  };
}

/** Null: no page of another origin may read an answer. */
function originsIn(list: string): readonly string[] | null {
  const origins = list.split(',').map((origin) => origin.trim());
  const named = origins.filter((origin) => origin !== '');
  return named.length === 0 ? null : named;
}

/** Tokens come in a header, never in a cookie: no credentials. */
const crossOrigin = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    exposeHeaders: ['retry-after', 'x-gateway-provider', 'x-request-id'],
    maxAge: 86_400,
  });
