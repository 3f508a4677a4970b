import { urlUnder } from '@gateway/worker-utils/url-under';
import type Stripe from 'stripe';
import type { Charge, Charged } from '../../billing/consequences/auto-top-up.ts';
import type { Owner } from '../../exchange/owner.ts';

type Needs = {
  readonly baseUrl: string;
  /** Null where none is configured. */
  readonly key: () => Promise<string | null>;
};

const CALL_MS_MAX = 8_000;
/** The library waits between them, and sends the same idempotency key again. */
const RETRIES_MAX = 2;

const DESCRIPTION = 'Kilo automatic top up';
const UNKNOWN = 'unknown_error';

/** Charges a saved payment method by an invoice. What is bought is credited by whoever hears of the paid invoice. */
export const chargeOf =
  ({ baseUrl, key }: Needs) =>
  async (): Promise<Charge | null> => {
    const secret = await key();
    if (secret === null) return null;
    // Large, and used by few requests: it is not to delay the first one of an isolate.
    const { default: Client } = await import('stripe');
    const stripe = new Client(secret, {
      httpClient: Client.createFetchHttpClient(fetchUnder(baseUrl)),
      timeout: CALL_MS_MAX,
      maxNetworkRetries: RETRIES_MAX,
      telemetry: false,
    });
    return async (purchase) => {
      try {
        return chargedBy(await paid(stripe, purchase));
      } catch (cause) {
        const reason = refusalIn(cause, Client.errors);
        if (reason === null) throw cause;
        return { kind: 'refused', reason };
      }
    };
  };

/** Three calls, each with a key of its own: whoever continues an attempt gets the answers that it already had. */
async function paid(stripe: Stripe, purchase: Parameters<Charge>[0]): Promise<Stripe.Invoice> {
  const { customer, paymentMethod, amountCents, key } = purchase;
  const invoice = await stripe.invoices.create(
    {
      customer,
      auto_advance: false,
      description: DESCRIPTION,
      metadata: metadataOf(purchase.owner),
    },
    { idempotencyKey: `${key}:invoice` },
  );
  await stripe.invoiceItems.create(
    {
      customer,
      invoice: invoice.id,
      amount: amountCents,
      currency: 'usd',
      description: DESCRIPTION,
    },
    { idempotencyKey: `${key}:item` },
  );
  return stripe.invoices.pay(
    invoice.id,
    { payment_method: paymentMethod, off_session: true },
    { idempotencyKey: `${key}:pay` },
  );
}

const chargedBy = ({ status }: Stripe.Invoice): Charged =>
  status === 'paid' ? { kind: 'paid' } : { kind: 'unsettled', status: String(status) };

/** By these whoever hears of the paid invoice knows what it was for. */
const metadataOf = ({ kind, id }: Owner) =>
  kind === 'user'
    ? { type: 'auto-topup', kiloUserId: id }
    : { type: 'org-auto-topup', organizationId: id };

/**
 * Why it was not paid, where that is certain. Null where Stripe is away, busy, or does not know us: that is no fault of the
 * owner's, and nothing is turned off for it.
 */
function refusalIn(cause: unknown, errors: typeof Stripe.errors): string | null {
  if (cause instanceof errors.StripeCardError) return cause.decline_code || cause.code || UNKNOWN;
  return cause instanceof errors.StripeInvalidRequestError ? UNKNOWN : null;
}

/** The library can be given a host, but no path: what it asks of Stripe's own address is asked below the configured one. */
const fetchUnder =
  (baseUrl: string) =>
  async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
    return fetch(urlUnder(baseUrl, pathname + search), init);
  };
