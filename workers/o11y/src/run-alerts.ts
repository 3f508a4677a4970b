import type { Instant } from '@gateway/worker-utils/time';
import { type Evaluation, evaluateAlerts, type WindowCounts } from './alerting/evaluate-alerts.ts';
import { sendToSlack } from './alerting/send-to-slack.ts';
import type { Bindings } from './bindings.ts';
import { globalAlerts } from './global-alerts.ts';
import { post } from './post.ts';
import { secretOf } from './secret-of.ts';

type Run = { readonly counts: WindowCounts; readonly now: Instant };

export async function runAlerts(env: Bindings, { counts, now }: Run): Promise<Evaluation> {
  const webhooks = {
    page: () => secretOf(env.O11Y_SLACK_WEBHOOK_PAGE),
    ticket: () => secretOf(env.O11Y_SLACK_WEBHOOK_TICKET),
  };
  const { errorRate, ttfb, sent } = globalAlerts(env);
  return evaluateAlerts(
    {
      configs: { errorRate: errorRate.list, ttfb: ttfb.list },
      counts,
      sent,
      notify: (breach) =>
        sendToSlack({ webhook: (severity) => webhooks[severity](), post }, breach),
    },
    now,
  );
}
