import type { Instant } from '@gateway/worker-utils/time';
import { type Evaluation, evaluateAlerts, type WindowCounts } from './alerting/evaluate-alerts.ts';
import { sendToSlack, type SlackNeeds } from './alerting/send-to-slack.ts';
import { slackMessage } from './alerting/slack-message.ts';
import { watchEvaluation } from './alerting/watch-evaluation.ts';
import type { Bindings } from './bindings.ts';
import { globalAlerts } from './global-alerts.ts';
import { post } from './post.ts';
import { secretOf } from './secret-of.ts';

type Run = { readonly counts: WindowCounts; readonly now: Instant };

/** One run of the alerts, and of the watch over them. */
export async function runAlerts(env: Bindings, { counts, now }: Run): Promise<Evaluation> {
  const webhooks = {
    page: () => secretOf(env, 'O11Y_SLACK_WEBHOOK_PAGE'),
    ticket: () => secretOf(env, 'O11Y_SLACK_WEBHOOK_TICKET'),
  };
  const slack: SlackNeeds = { webhook: (severity) => webhooks[severity](), post };
  const { errorRate, ttfb, log, failing } = globalAlerts(env);
  const evaluation = await evaluateAlerts(
    {
      configs: { errorRate: errorRate.list, ttfb: ttfb.list },
      counts,
      log,
      notify: (breach) => sendToSlack(slack, breach.window.severity, slackMessage(breach)),
    },
    now,
  );
  try {
    const notify = (text: string) => sendToSlack(slack, 'ticket', { text });
    await watchEvaluation({ failing, log, notify }, evaluation, now);
    return evaluation;
  } catch (cause) {
    return { ...evaluation, errors: [...evaluation.errors, cause] };
  }
}
