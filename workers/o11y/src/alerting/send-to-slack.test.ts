import { expect, test } from 'vitest';
import type { Breach } from './breaches.ts';
import { sendToSlack, type SlackNeeds } from './send-to-slack.ts';
import { slackMessage } from './slack-message.ts';
import { burnWindows } from './windows.ts';

const [page, , ticket] = burnWindows;
const breach: Breach = {
  window: page,
  objective: { question: { kind: 'error_rate' }, model: 'a/model', slo: 0.99, minRequests: 1 },
  counts: {
    provider: 'openrouter',
    model: 'a/model',
    clientName: 'kilo-gateway',
    total: 12_345,
    bad: 7_407,
  },
  burnRate: 60,
};
const slow: Breach = {
  ...breach,
  window: ticket,
  objective: { ...breach.objective, question: { kind: 'ttfb', thresholdMs: 2_000 }, slo: 0.95 },
};

test('a page tells what burns, how fast, and from what figures', () => {
  expect(slackMessage(breach)).toEqual({
    text: ':rotating_light: PAGE — LLM Error Rate SLO Breach: a/model (openrouter)',
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: ':rotating_light: PAGE — LLM Error Rate SLO Breach',
          emoji: true,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: '*Provider:*\nopenrouter' },
          { type: 'mrkdwn', text: '*Model:*\na/model' },
          { type: 'mrkdwn', text: '*Burn rate:*\n60.0x (threshold: 14.4x)' },
          { type: 'mrkdwn', text: '*Window:*\n5 min' },
        ],
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: 'Error rate: 60.00% (SLO: 99.00%)\nTotal requests: 12,345\nClient: kilo-gateway',
        },
      },
    ],
  });
});

test('a ticket for slow first bytes tells the threshold and the budget', () => {
  const json = JSON.stringify(slackMessage(slow));
  expect(json).toContain(':ticket: TICKET — LLM TTFB Latency SLO Breach');
  expect(json).toContain('60.00% of requests exceeded 2000ms TTFB (budget: 5.00%)');
});

test('a name can not mention everybody', () => {
  const loud = { ...breach, counts: { ...breach.counts, provider: '<!channel>' } };
  expect(JSON.stringify(slackMessage(loud))).not.toContain('<!channel>');
});

function slack(answer: Response, webhooks: Partial<Record<'page' | 'ticket', string>>) {
  const posted: { url: string; body: unknown }[] = [];
  const needs: SlackNeeds = {
    webhook: async (severity) => webhooks[severity] ?? null,
    post: async (url, init) => {
      posted.push({ url, body: init.body });
      return answer;
    },
  };
  return {
    posted,
    send: (given: Breach) => sendToSlack(needs, given.window.severity, slackMessage(given)),
  };
}

test('each severity has its own webhook', async () => {
  const { posted, send } = slack(new Response('ok'), { page: 'https://slack.test/page' });
  await send(breach);
  expect(posted).toEqual([
    { url: 'https://slack.test/page', body: JSON.stringify(slackMessage(breach)) },
  ]);
  await expect(send(slow)).rejects.toThrow('No Slack webhook configured for severity: ticket');
});

test('what Slack answers is told, where the webhook is not', async () => {
  const { send } = slack(new Response('invalid_blocks', { status: 400 }), {
    page: 'https://slack.test/secret',
  });
  await expect(send(breach)).rejects.toThrow(/^Slack webhook failed \(400\): invalid_blocks$/);
});

test('a webhook that can not be reached is not named either', async () => {
  const sending = sendToSlack(
    {
      webhook: async () => 'https://slack.test/secret',
      post: () => Promise.reject(new TypeError('cannot load https://slack.test/secret')),
    },
    'page',
    slackMessage(breach),
  );
  await expect(sending).rejects.toThrow(/^Slack webhook could not be reached \(TypeError\)$/);
});
