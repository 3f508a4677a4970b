import { urlUnder } from '@gateway/worker-utils/url-under';
import type { Performers } from '../../billing/consequences/perform-consequences.ts';
import type { Log } from '@gateway/worker-utils/json-log';

type Needs = {
  readonly baseUrl: string;
  /** Null where none is configured: nothing is sent then. */
  readonly key: () => Promise<string | null>;
  readonly appUrl: string;
  readonly log: Log;
};

/** Transactional messages by the numbers that they have at Customer.io. */
const LOW_BALANCE_MESSAGE = '16';
const TOP_UP_TURNED_OFF_MESSAGE = '17';
const REPLY_TO = 'hi@kilocode.ai';
const MAILS_AT_ONCE = 10;
const RECIPIENTS_MAX = 50;
const CALL_MS_MAX = 5_000;

/** Tells those whom an organisation has named that its balance fell below its minimum. One failing mail stops no other. */
export const lowBalanceMailOf =
  ({ baseUrl, key, appUrl, log }: Needs): Performers['low-balance-mail'] =>
  async ({ organization, minimumBalance, recipients }) => {
    const token = await key();
    if (token === null) return;
    if (recipients.length === 0) log.warn('low balance, and nobody to tell', { organization });
    const url = urlUnder(appUrl, `/organizations/${organization}`);
    const data = {
      organizationId: organization,
      minimum_balance: minimumBalance,
      organization_url: url,
      invoices_url: `${url}/payment-details`,
    };
    const mailed = { message: LOW_BALANCE_MESSAGE, to: recipients, about: organization, data };
    await sendEach(mailed, { baseUrl, token, log });
  };

type TurnedOff = {
  readonly owner: { readonly kind: 'user' | 'organization'; readonly id: string };
  readonly reason: string;
  readonly recipients: readonly string[];
};

/** Tells those who pay that nothing is bought for them any more, and why. */
export const topUpTurnedOffMailOf =
  ({ baseUrl, key, appUrl, log }: Needs) =>
  async ({ owner: { kind, id }, reason, recipients }: TurnedOff): Promise<void> => {
    const token = await key();
    if (token === null) return;
    const page = kind === 'user' ? '/profile' : `/organizations/${id}/payment-details`;
    const data = {
      reason,
      credits_url: urlUnder(appUrl, page),
      ...(kind === 'organization' && { organizationId: id }),
    };
    const mailed = { message: TOP_UP_TURNED_OFF_MESSAGE, to: recipients, about: id, data };
    await sendEach(mailed, { baseUrl, token, log });
  };

type Mailed = {
  readonly message: string;
  readonly to: readonly string[];
  /** Whom it is about, for the log. */
  readonly about: string;
  readonly data: Readonly<Record<string, unknown>>;
};
type Service = { readonly baseUrl: string; readonly token: string; readonly log: Log };

async function sendEach(mailed: Mailed, { baseUrl, token, log }: Service): Promise<void> {
  const { message, to, about, data } = mailed;
  const mailTo = (recipient: string) => ({
    transactional_message_id: message,
    to: recipient,
    identifiers: { email: recipient },
    reply_to: REPLY_TO,
    message_data: data,
  });
  const distinct = [...new Set(to)].slice(0, RECIPIENTS_MAX);
  for (let at = 0; at < distinct.length; at += MAILS_AT_ONCE) {
    const batch = distinct.slice(at, at + MAILS_AT_ONCE);
    const sent = await Promise.allSettled(
      batch.map((recipient) => send(mailTo(recipient), baseUrl, token)),
    );
    for (const { reason } of sent.filter((one) => one.status === 'rejected')) {
      log.warn('mail not sent', { about, message, cause: reason });
    }
  }
}

async function send(mail: object, baseUrl: string, token: string): Promise<void> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(urlUnder(baseUrl, '/send/email'), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(mail),
    signal: AbortSignal.timeout(CALL_MS_MAX),
    redirect: 'manual',
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new MailRefused(String(answer.status));
}

class MailRefused extends Error {
  override readonly name = 'MailRefused';
  readonly code: string;
  constructor(code: string) {
    super('Customer.io did not take a mail');
    this.code = code;
  }
}
