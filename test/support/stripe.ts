import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * Plays the part of Stripe that charges: invoices, their items and their payment. Remembers what it answered to each
 * idempotency key, as Stripe does. How it behaves is chosen by the name of the customer.
 */
export type StripeStub = {
  readonly url: string;
  readonly calls: () => readonly Call[];
  /** Money that was really taken. */
  readonly charges: () => readonly Charge[];
  readonly close: () => Promise<void>;
};
type Call = {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly key: string;
  readonly authorization: string;
};
type Charge = {
  readonly customer: string;
  readonly cents: number;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
};
type Answer = { readonly status: number; readonly body: object };
type Invoice = {
  readonly id: string;
  readonly customer: string;
  readonly metadata: Readonly<Record<string, string>>;
  cents: number;
  payments: number;
};

/** Of the address. A call without it is not served. */
const BASE_PATH = '/proxy/stripe';

/** What the customers' names begin with. Others pay. */
const DECLINED = 'cus_declined';
const UNKNOWN = 'cus_unknown';
const OPEN = 'cus_open';
/** The first answer to a payment is lost after the money was taken. */
const LOST = 'cus_lost';
/** The first payment is never answered, after the money was taken. */
const HANGS = 'cus_hangs';
/** The first payments fail, as many as one attempt makes, and take nothing. */
const RECOVERS = 'cus_recovers';
const FAILURES_BEFORE_RECOVERY = 3;
/** Every answer is an error, and nothing is taken. */
const AWAY = 'cus_away';

export async function startStripe(): Promise<StripeStub> {
  const calls: Call[] = [];
  const charges: Charge[] = [];
  const till = tillOf(charges);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await callOf(request);
    calls.push(call);
    const { status, body, fate } = till(call);
    if (fate === 'lost') response.destroy();
    if (fate !== 'sent') return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Stripe has no port.');
  return {
    // With a path, as behind a proxy: every call must keep it.
    url: `http://127.0.0.1:${address.port}${BASE_PATH}`,
    calls: () => calls,
    charges: () => charges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers calls, the same to the same key, and writes down what it takes. */
function tillOf(charges: Charge[]): (call: Call) => Answer & { readonly fate: Fate } {
  const invoices = new Map<string, Invoice>();
  const answered = new Map<string, Answer>();

  function answerTo({ path, parameters }: Call): Answer {
    const { customer = '', invoice: named = '' } = parameters;
    if (customer.startsWith(AWAY)) return failure(500, { type: 'api_error' });
    if (path === '/v1/invoices') return opened(parameters);
    const invoice = invoices.get(/^\/v1\/invoices\/(\w+)\/pay$/.exec(path)?.[1] ?? named);
    if (!invoice) return failure(404, { type: 'invalid_request_error', code: 'resource_missing' });
    if (path !== '/v1/invoiceitems') return paid(invoice, parameters['payment_method'] ?? '');
    invoice.cents += Number(parameters['amount']);
    return { status: 200, body: { id: newId('ii'), object: 'invoiceitem' } };
  }

  function opened(parameters: Call['parameters']): Answer {
    const { customer = '' } = parameters;
    if (customer.startsWith(UNKNOWN)) {
      return failure(400, { type: 'invalid_request_error', code: 'resource_missing' });
    }
    const invoice = {
      id: newId('in'),
      customer,
      metadata: metadataIn(parameters),
      cents: 0,
      payments: 0,
    };
    invoices.set(invoice.id, invoice);
    return { status: 200, body: { id: invoice.id, object: 'invoice', status: 'draft' } };
  }

  function paid(invoice: Invoice, paymentMethod: string): Answer {
    const { id, customer, cents, metadata } = invoice;
    invoice.payments++;
    if (customer.startsWith(RECOVERS) && invoice.payments <= FAILURES_BEFORE_RECOVERY) {
      return failure(500, { type: 'api_error' });
    }
    if (customer.startsWith(DECLINED)) {
      return failure(402, {
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
      });
    }
    if (customer.startsWith(OPEN)) return { status: 200, body: { id, status: 'open' } };
    charges.push({ customer, cents, paymentMethod, metadata });
    return { status: 200, body: { id, object: 'invoice', status: 'paid' } };
  }

  return (call) => {
    const known = answered.get(call.key);
    if (known) return { ...known, fate: 'sent' };
    const before = charges.length;
    const answer = answerTo(call);
    // An error of Stripe's own is no answer: the same may be tried again.
    if (answer.status < 500) answered.set(call.key, answer);
    return { ...answer, fate: fateOf(charges[before]?.customer ?? '') };
  };
}

type Fate = 'sent' | 'lost' | 'never sent';
/** Of the first answer to who was charged by it. */
function fateOf(charged: string): Fate {
  if (charged.startsWith(HANGS)) return 'never sent';
  return charged.startsWith(LOST) ? 'lost' : 'sent';
}

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

const metadataIn = (parameters: Call['parameters']): Invoice['metadata'] =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => {
      const field = /^metadata\[(\w+)\]$/.exec(name)?.[1];
      return field === undefined ? [] : [[field, value] as const];
    }),
  );

async function callOf(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const { 'idempotency-key': key, authorization = '' } = request.headers;
  return {
    path: pathIn(request.url ?? ''),
    parameters: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    key: typeof key === 'string' ? key : '',
    authorization,
  };
}

const failure = (status: number, error: object): Answer => ({
  status,
  body: { error: { message: 'As it was told to.', ...error } },
});

const pathIn = (url: string): string =>
  url.startsWith(`${BASE_PATH}/`) ? url.slice(BASE_PATH.length) : 'not below the base path';
