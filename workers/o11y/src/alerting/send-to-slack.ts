import type { SlackMessage } from './slack-message.ts';
import type { Severity } from './windows.ts';

export type SlackNeeds = {
  /** Null: none is configured for this severity. */
  readonly webhook: (severity: Severity) => Promise<string | null>;
  readonly post: (url: string, init: RequestInit) => Promise<Response>;
};

const POST_MS_MAX = 5_000;
const ANSWER_CHARACTERS_MAX = 500;

/** The webhook's address is a secret: no error tells it. */
export async function sendToSlack(
  { webhook, post }: SlackNeeds,
  severity: Severity,
  message: SlackMessage,
): Promise<void> {
  const url = await webhook(severity);
  if (!url) throw new Error(`No Slack webhook configured for severity: ${severity}`);
  const response = await post(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(POST_MS_MAX),
  }).catch((cause: unknown) => {
    const name = cause instanceof Error ? cause.name : typeof cause;
    // Not kept as the cause: its message may quote the address.
    throw new Error(`Slack webhook could not be reached (${name})`);
  });
  const answer = (await response.text()).slice(0, ANSWER_CHARACTERS_MAX);
  if (!response.ok) throw new Error(`Slack webhook failed (${response.status}): ${answer}`);
}
