import { MicroUsd } from '@gateway/worker-utils/money';
import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { INVALID_BYOK_KEY } from '../upstream/byok/byok-errors.ts';
import type { Refusal } from '../exchange/refusal.ts';
import { internalError, notFound, render } from './render-refusal.ts';

// The bodies that deployed clients read, to the byte: the order of their fields too.

const user = UserId.parse('user');
const organization = OrganizationId.parse('11111111-1111-4111-8111-111111111111');
const noModel = '{"error":"Model not found","message":"The requested model could not be found."}';
const later =
  '{"error":"Service Unavailable","message":"The service is temporarily unavailable. Please try again later."}';
const dataCollection =
  'Data collection is required for this model. Please enable data collection to use this model or choose another model.';

type Row = {
  readonly refusal: Refusal;
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal without a row does not compile. */
const rows: { readonly [Kind in Refusal['kind']]: Row & { refusal: { kind: Kind } } } = {
  'path-unknown': {
    refusal: { kind: 'path-unknown' },
    status: 400,
    body: '{"error":"Invalid path","message":"This endpoint only accepts the path `/chat/completions`."}',
  },
  'method-not-allowed': {
    refusal: { kind: 'method-not-allowed', allow: 'POST' },
    status: 405,
    body: '{"error":"Method not allowed","message":"Use POST."}',
    headers: { allow: 'POST' },
  },
  'body-too-large': {
    refusal: { kind: 'body-too-large', limit: { kind: 'bytes', bytesMax: 20 * 1024 * 1024 } },
    status: 413,
    body: '{"error":"Request too large","message":"The request body must not exceed 20 MiB."}',
  },
  'body-too-slow': {
    refusal: { kind: 'body-too-slow' },
    status: 408,
    body: '{"error":"Request timeout","message":"The request body did not arrive in time. Send at least 64 KiB in 10 seconds, and all of it in 120 seconds."}',
  },
  'body-crowded-out': {
    refusal: { kind: 'body-crowded-out' },
    status: 503,
    body: '{"error":"Service Unavailable","message":"Too many large requests are being received. Please try again later."}',
    headers: { 'retry-after': '5' },
  },
  'body-broken': {
    refusal: { kind: 'body-broken' },
    status: 400,
    body: '{"error":"Invalid request","message":"The request body ended before it was complete."}',
  },
  'body-unreadable': {
    refusal: { kind: 'body-unreadable', body: new Uint8Array(), position: null },
    status: 400,
    body: '{"error":"Invalid request","message":"Could not parse request body. Please ensure it is valid JSON."}',
  },
  'model-missing': { refusal: { kind: 'model-missing' }, status: 404, body: noModel },
  'model-name-invalid': {
    refusal: { kind: 'model-name-invalid' },
    status: 400,
    body: '{"error":"Invalid model name","message":"A model name must be at most 256 printable characters."}',
  },
  'address-unknown': {
    refusal: { kind: 'address-unknown' },
    status: 400,
    body: '{"error":"Unable to determine client IP"}',
  },
  'free-limit-reached': {
    refusal: { kind: 'free-limit-reached', retryAfterSeconds: 3600 },
    status: 429,
    body: '{"error":"Rate limit exceeded","message":"Free model usage limit reached. Please try again later or upgrade to a paid model."}',
    headers: { 'retry-after': '60' },
  },
  'sign-in-required': {
    refusal: { kind: 'sign-in-required' },
    status: 401,
    body: '{"error":{"code":"PAID_MODEL_AUTH_REQUIRED","message":"You need to sign in to use this model."}}',
  },
  'encoding-unsupported': {
    refusal: { kind: 'encoding-unsupported' },
    status: 415,
    body: '{"error":"Unsupported content encoding","message":"Send the request body as it is, or with one Content-Encoding of: gzip, deflate, zstd."}',
    headers: { 'accept-encoding': 'gzip, deflate, zstd' },
  },
  'token-required': {
    refusal: { kind: 'token-required' },
    status: 401,
    body: '{"error":"Unauthorized","message":"A valid token is required. Please sign in."}',
  },
  'promotion-limit-reached': {
    refusal: { kind: 'promotion-limit-reached' },
    status: 401,
    body: '{"error":{"code":"PROMOTION_MODEL_LIMIT_REACHED","message":"Sign up for free to continue and explore 500 other models. Takes 2 minutes, no credit card required. Or come back later."}}',
  },
  'token-cap-exceeded': { refusal: { kind: 'token-cap-exceeded' }, status: 503, body: later },
  'alpha-ended': {
    refusal: { kind: 'alpha-ended' },
    status: 404,
    body: '{"error":"The alpha period for this model has ended.","message":"The alpha period for this model has ended."}',
  },
  'model-withdrawn': { refusal: { kind: 'model-withdrawn' }, status: 404, body: noModel },
  'credits-required': {
    refusal: {
      kind: 'credits-required',
      user,
      organization,
      balance: MicroUsd.parse(-12_345),
    },
    status: 402,
    body: '{"error":{"title":"Low Credit Warning!","message":"Add credits to continue, or switch to a free model","balance":-0.012345,"buyCreditsUrl":"https://app.example/profile"}}',
  },
  'balance-reserved': {
    refusal: { kind: 'balance-reserved' },
    status: 429,
    body: '{"error":"Too many requests in progress","message":"Your balance is reserved by requests that are still running. Please retry shortly."}',
    headers: { 'retry-after': '2' },
  },
  'model-not-allowed': {
    refusal: { kind: 'model-not-allowed' },
    status: 404,
    body: '{"error":"Model not allowed for your team.","message":"The requested model is not allowed for your team."}',
  },
  'data-collection-required': {
    refusal: { kind: 'data-collection-required' },
    status: 400,
    body: `{"error":"${dataCollection}","message":"${dataCollection}"}`,
  },
  'field-refused': {
    refusal: { kind: 'field-refused', field: 'plugins[0]', why: 'unpaid' },
    status: 400,
    body: '{"error":"Field not allowed","message":"`plugins[0]` is not available with a free model: it may cost money or use another model."}',
  },
  'free-model-suspended': {
    refusal: { kind: 'free-model-suspended' },
    status: 404,
    body: '{"error":"This model is not available for free at the moment. Please choose another model.","message":"This model is not available for free at the moment. Please choose another model."}',
  },
  'byok-keys-unusable': {
    refusal: { kind: 'byok-keys-unusable' },
    status: 401,
    body: `{"error":"${INVALID_BYOK_KEY}","message":"${INVALID_BYOK_KEY}"}`,
  },
  'custom-llm-unusable': {
    refusal: { kind: 'custom-llm-unusable', status: 400, problem: 'A URL can not be used.' },
    status: 400,
    body: '{"error":{"message":"A URL can not be used.","code":400,"type":"error"}}',
  },
  'key-invalid': {
    refusal: { kind: 'key-invalid' },
    status: 400,
    body: '{"error":"Invalid Idempotency-Key","message":"An Idempotency-Key must be 1 to 255 visible ASCII characters."}',
  },
  'key-reused': {
    refusal: { kind: 'key-reused' },
    status: 409,
    body: '{"error":"Idempotency key reused","message":"This Idempotency-Key was used with a different request body."}',
  },
  'key-answer-too-large': {
    refusal: { kind: 'key-answer-too-large' },
    status: 409,
    body: '{"error":"Idempotency key used","message":"The answer to this Idempotency-Key was too large to be kept. Use a new key to ask again."}',
  },
  unavailable: {
    refusal: { kind: 'unavailable' },
    status: 503,
    body: later,
    headers: { 'retry-after': '5' },
  },
};

const needs = (hasPaid: boolean) => ({
  payments: { hasPaid: async () => hasPaid },
  appUrl: 'https://app.example',
});
const JSON_HEADERS = { 'content-type': 'application/json' };

test.each(Object.entries(rows))('%s', async (_kind, { refusal, status, body, headers }) => {
  const response = await render(refusal, needs(true));
  expect(response.status).toBe(status);
  expect(await response.text()).toBe(body);
  expect(Object.fromEntries(response.headers)).toEqual({ ...JSON_HEADERS, ...headers });
});

test('who has never bought credits is told what the first purchase adds', async () => {
  const response = await render(rows['credits-required'].refusal, needs(false));
  expect(await response.text()).toBe(
    '{"error":{"title":"Paid Model - Credits Required","message":"This is a paid model. To use paid models, you need to add credits. Get $20 free on your first topup!","balance":-0.012345,"buyCreditsUrl":"https://app.example/profile"}}',
  );
});

test('a bug and a path of nobody have their bodies too', async () => {
  const bug = internalError();
  expect([bug.status, await bug.text()]).toEqual([
    500,
    '{"error":"Internal server error","message":"Internal server error"}',
  ]);
  const nowhere = notFound();
  expect([nowhere.status, await nowhere.text()]).toEqual([404, '{"error":"Not found"}']);
});
