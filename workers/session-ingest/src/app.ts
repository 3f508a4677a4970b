import { getPath } from 'hono/utils/url';
import { normalizedPath } from '@gateway/worker-utils/normalized-path';
import { BODY_BYTES_MAX, type BodyLimit, describeLimit } from '@gateway/worker-utils/body-limits';
import type { UserId } from '@gateway/worker-utils/ids';
import { type BodyFlaw, jsonBody } from '@gateway/worker-utils/json-body';
import { BODY_PACE } from '@gateway/worker-utils/read-within';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { AppNeeds } from './app-needs.ts';
import { DatabaseAway } from './database-away.ts';
import {
  authRefusals,
  ingestRefusals,
  type Refusal,
  sessionNotFound,
  tooManySessions,
} from './http/refusals.ts';
import { IngestBody } from './items/item.ts';
import { storedItem } from './items/stored-item.ts';
import { kindOf } from './log.ts';
import { SessionId } from './session-id.ts';

type Env = { Bindings: AppNeeds; Variables: { user: UserId } };
const NewSession = z.object({ sessionId: SessionId });
const Version = z.coerce
  .number()
  .int()
  .nonnegative()
  .max(2 ** 31 - 1)
  .catch(0);
const jsonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
};

/** The HTTP shell. */
export const app = new Hono<Env>({
  getPath: (request) => normalizedPath(getPath(request)),
});

app.get('/health', async (context) => {
  const secrets = await context.env.unfitSecrets();
  if (secrets.length === 0) return context.json({ status: 'ok' });
  context.env.log.error('secrets unfit', { secrets });
  return context.json({ status: 'failing' }, 503);
});

app.use('/api/*', async (context, next) => {
  const holder = await context.env.holder(context.req.header('authorization'));
  if (!holder.ok) return refuse(authRefusals[holder.error]);
  context.set('user', holder.value);
  return next();
});

app.post('/api/session', async (context) => {
  const json = await jsonBody(context.req.raw, BODY_BYTES_MAX, context.env.intake);
  if (!json.ok) return unreadable(json.error);
  const parsed = NewSession.safeParse(json.value);
  if (!parsed.success) return invalid('Invalid sessionId', parsed.error.issues);
  const { sessionId: session } = parsed.data;
  const refused = await context.env.create({ user: context.get('user'), session });
  if (refused) return refuse(tooManySessions);
  return context.json({ id: session, ingestPath: `/api/session/${session}/ingest` });
});

// Hono's `/*` also matches without what follows the slash.
app.use('/api/session/:id/*', async (context, next) => {
  const session = SessionId.safeParse(context.req.param('id'));
  if (!session.success) return invalid('Invalid sessionId', session.error.issues);
  return next();
});

app.delete('/api/session/:id', async (context) => {
  const isThere = await context.env.remove(keyOf(context));
  return isThere ? context.json({ success: true }) : refuse(sessionNotFound);
});

app.post('/api/session/:id/ingest', async (context) => {
  const json = await jsonBody(context.req.raw, BODY_BYTES_MAX, context.env.intake);
  if (!json.ok) return unreadable(json.error);
  const body = IngestBody.safeParse(json.value);
  if (!body.success) return invalid('Invalid request body', body.error.issues);
  const version = Version.parse(context.req.query('v') ?? 0);
  const items = body.data.data.map(storedItem);
  const outcome = await context.env.ingest(keyOf(context), { version, items });
  if (outcome === 'ingested') return context.json({ success: true });
  return refuse(ingestRefusals[outcome]);
});

app.get('/api/session/:id/export', async (context) => {
  const snapshot = await context.env.export(keyOf(context));
  return snapshot ? context.body(snapshot, 200, jsonHeaders) : refuse(sessionNotFound);
});

app.post('/api/session/:id/share', async (context) => {
  const publicId = await context.env.share(keyOf(context));
  if (publicId === null) return refuse(sessionNotFound);
  return context.json({ success: true, public_id: publicId });
});

app.post('/api/session/:id/unshare', async (context) => {
  const isThere = await context.env.unshare(keyOf(context));
  return isThere ? context.json({ success: true }) : refuse(sessionNotFound);
});

// For whoever has not the operator's token, there is no such route.
app.delete('/admin/shared/:uuid', async (context) => {
  if (!(await context.env.isOperator(context.req.header('authorization')))) {
    return context.notFound();
  }
  const publicId = z.uuid().safeParse(context.req.param('uuid'));
  if (!publicId.success) return invalid('Invalid session id', publicId.error.issues);
  const isThere = await context.env.revokeShare(publicId.data);
  return isThere ? context.json({ success: true }) : refuse(sessionNotFound);
});

app.get('/session/:uuid', async (context) => {
  const publicId = z.uuid().safeParse(context.req.param('uuid'));
  if (!publicId.success) return invalid('Invalid session id', publicId.error.issues);
  const snapshot = await context.env.exportShared(publicId.data);
  return snapshot ? context.body(snapshot, 200, jsonHeaders) : refuse(sessionNotFound);
});

app.notFound((context) => context.json({ success: false, error: 'Not found' }, 404));

app.onError((cause, context) => {
  // The route, not the path: an id of a shared session is all that one needs to read it.
  const { method, routePath } = context.req;
  context.env.log.error('unexpected error', { method, routePath, cause: kindOf(cause) });
  if (cause instanceof DatabaseAway) {
    const headers = { 'retry-after': '5' };
    return context.json({ success: false, error: 'Service unavailable' }, 503, headers);
  }
  return context.json({ success: false, error: 'Internal server error' }, 500);
});

const keyOf = (context: Context<Env>) => ({
  user: context.get('user'),
  session: SessionId.parse(context.req.param('id')),
});

const refuse = ({ status, error }: Refusal): Response =>
  Response.json({ success: false, error }, { status });

function unreadable(flaw: BodyFlaw): Response {
  switch (flaw.kind) {
    case 'not-json':
    case 'broken':
      return invalid('Invalid request body', []);
    case 'too-large':
      return tooLarge(flaw.limit);
    case 'too-slow':
      return Response.json(
        { success: false, error: 'Request timeout', message: BODY_PACE },
        { status: 408 },
      );
    case 'crowded-out':
      return Response.json(
        { success: false, error: 'Service unavailable' },
        { status: 503, headers: { 'retry-after': '5' } },
      );
  }
}

const tooLarge = (limit: BodyLimit): Response =>
  Response.json(
    { success: false, error: 'Request too large', message: describeLimit(limit) },
    { status: 413 },
  );

const invalid = (error: string, issues: readonly z.core.$ZodIssue[]): Response =>
  Response.json({ success: false, error, issues }, { status: 400 });
