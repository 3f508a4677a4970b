import type { Performers } from '../consequences/perform-consequences.ts';
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
    const url = `${appUrl}/organizations/${organization}`;
    const mailTo = (recipient: string) => ({
      transactional_message_id: LOW_BALANCE_MESSAGE,
      to: recipient,
      identifiers: { email: recipient },
      reply_to: REPLY_TO,
      message_data: {
        organizationId: organization,
        minimum_balance: minimumBalance,
        organization_url: url,
        invoices_url: `${url}/payment-details`,
      },
    });
    const distinct = [...new Set(recipients)].slice(0, RECIPIENTS_MAX);
    for (let at = 0; at < distinct.length; at += MAILS_AT_ONCE) {
      const batch = distinct.slice(at, at + MAILS_AT_ONCE);
      const sent = await Promise.allSettled(batch.map((to) => send(mailTo(to), baseUrl, token)));
      for (const { reason } of sent.filter((one) => one.status === 'rejected')) {
        log.warn('mail not sent', { organization, cause: reason });
      }
    }
  };

async function send(mail: object, baseUrl: string, token: string): Promise<void> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(`${baseUrl}/send/email`, {
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
