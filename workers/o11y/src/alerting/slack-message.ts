import { badFraction } from './burn-rate.ts';
import type { Breach } from './breaches.ts';

const headers = { page: ':rotating_light: PAGE', ticket: ':ticket: TICKET' } as const;
const titles = {
  error_rate: 'LLM Error Rate SLO Breach',
  ttfb: 'LLM TTFB Latency SLO Breach',
} as const;

export type SlackMessage = { readonly text: string; readonly blocks?: readonly object[] };

export function slackMessage(breach: Breach): SlackMessage {
  const { window, objective, counts } = breach;
  const title = `${headers[window.severity]} — ${titles[objective.question.kind]}`;
  const fields = {
    Provider: escaped(counts.provider),
    Model: escaped(counts.model),
    'Burn rate': `${breach.burnRate.toFixed(1)}x (threshold: ${window.burnRate}x)`,
    Window: `${window.longMinutes} min`,
  };
  const figures = [
    rateOf(breach),
    `Total requests: ${counts.total.toLocaleString('en-US')}`,
    `Client: ${escaped(counts.clientName)}`,
  ];
  return {
    // What a phone shows.
    text: `${title}: ${fields.Model} (${fields.Provider})`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: true } },
      {
        type: 'section',
        fields: Object.entries(fields).map(([name, value]) => mrkdwn(`*${name}:*\n${value}`)),
      },
      { type: 'section', text: mrkdwn(figures.join('\n')) },
    ],
  };
}

function rateOf({ objective, counts }: Breach): string {
  const rate = percent(badFraction(counts));
  switch (objective.question.kind) {
    case 'error_rate':
      return `Error rate: ${rate} (SLO: ${percent(objective.slo)})`;
    case 'ttfb':
      return `${rate} of requests exceeded ${objective.question.thresholdMs}ms TTFB (budget: ${percent(1 - objective.slo)})`;
  }
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)}%`;
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });

/** A name must not become a mention of everybody. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
