import { answerTold } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWebhook, type Webhook } from '../../support/webhook.ts';
import { startWorld, type World } from '../../support/world.ts';

const MODEL = 'anthropic/claude-sonnet-4.6';
/** Until the next full minute, when the cron runs, and what is done in it. */
const CRON_MS_MAX = 100_000;

let world: World;
let slack: Webhook;
beforeAll(async () => {
  slack = await startWebhook();
  world = await startWorld({
    O11Y_SLACK_WEBHOOK_PAGE: `${slack.url}/page`,
    O11Y_SLACK_WEBHOOK_TICKET: `${slack.url}/ticket`,
  });
});
afterAll(async () => {
  await world.stop();
  await slack.close();
});

const asAdmin = (path: string, init: RequestInit = {}) =>
  fetch(`${world.o11yUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${world.adminTokens.o11y}` },
  });
const put = async (path: string, config: object) => {
  const response = await asAdmin(path, { method: 'PUT', body: JSON.stringify(config) });
  expect(response.status).toBe(200);
};

async function exposed(name: string): Promise<readonly string[]> {
  const text = await (await asAdmin('/metrics')).text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}

async function requestsCounted(): Promise<number> {
  const lines = await exposed('llm_gateway_requests_total');
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test(
  'when 60 % of answers are errors, the page that was asked for arrives, with the right figures',
  { timeout: CRON_MS_MAX + 20_000 },
  async () => {
    const person = await world.newcomer(10);
    const ask = async () => {
      const body = { model: MODEL, messages: [{ role: 'user', content: 'Hello!' }] };
      const response = await world.ask({ token: person.token, body });
      await response.text();
      return response.status;
    };
    // No status that is tried again: how often an upstream is asked is not what this is about.
    world.simulator.stand({ scenario: 'status~code=403' });
    const failed = await Promise.all(Array.from({ length: 12 }, ask));
    world.simulator.stand({ scenario: null });
    const answered = await Promise.all(Array.from({ length: 8 }, ask));
    expect(failed.every((status) => status >= 400)).toBe(true);
    expect(answered.every((status) => status === 200)).toBe(true);

    await eventually(async () => (await requestsCounted()) === 20, 'the metrics of all');
    // Only now: a minute that ends among the requests must not page for some of them.
    await put('/alerting/config', {
      model: MODEL,
      enabled: true,
      errorRateSlo: 0.99,
      minRequestsPerWindow: 10,
    });
    await eventually(() => slack.received.length > 0, 'a page', CRON_MS_MAX);
    const [page] = slack.received;
    expect(page?.path).toBe('/page');
    // The slower window, where a minute has ended since the requests.
    const isSlower = page?.body.includes('30 min') === true;
    const [minutes, threshold] = isSlower ? [30, 6] : [5, 14.4];
    expect(JSON.parse(page?.body ?? '')).toMatchObject({
      blocks: [
        { type: 'header', text: { text: ':rotating_light: PAGE — LLM Error Rate SLO Breach' } },
        {
          fields: [
            { text: '*Provider:*\nopenrouter' },
            { text: `*Model:*\n${MODEL}` },
            { text: `*Burn rate:*\n60.0x (threshold: ${threshold}x)` },
            { text: `*Window:*\n${minutes} min` },
          ],
        },
        {
          text: {
            text: 'Error rate: 60.00% (SLO: 99.00%)\nTotal requests: 20\nClient: kilo-gateway',
          },
        },
      ],
    });
    const labels = `provider="openrouter",model="${MODEL}",client="kilo-gateway"`;
    expect(await exposed('llm_gateway_requests_total')).toEqual([
      `llm_gateway_requests_total{${labels},status="2xx",user_byok="false"} 8`,
      `llm_gateway_requests_total{${labels},status="4xx",user_byok="false"} 12`,
    ]);
    const baseline = await asAdmin(`/alerting/baseline?model=${MODEL}`);
    expect(await baseline.json()).toMatchObject({ baseline: { errorRate1d: 0.6, requests1d: 20 } });
  },
);

test('a session of the CLI that closes is counted, by its platform and by how it ended', async () => {
  const { token } = await world.newcomer(0);
  const sessionId = `ses_${'s'.repeat(26)}`;
  const tell = async (path: string, body: object) => {
    const response = await fetch(`${world.sessionIngestUrl}/api/session${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  };
  await tell('', { sessionId });
  await tell(`/${sessionId}/ingest?v=1`, {
    data: [
      { type: 'kilo_meta', data: { platform: 'cli' } },
      { type: 'session_open', data: {} },
      { type: 'message', data: { id: 'm1', role: 'user' } },
      { type: 'session_close', data: { reason: 'completed' } },
    ],
  });
  const counted = async () => exposed('llm_gateway_sessions_total');
  await eventually(async () => (await counted()).length > 0, 'a session that is counted');
  expect(await counted()).toEqual([
    'llm_gateway_sessions_total{platform="cli",reason="completed"} 1',
  ]);
});

test('metrics that come by HTTP are counted once they have the agreed shape', async () => {
  const metrics = {
    ...answerTold,
    provider: 'elsewhere',
    requestedModel: 'by/http',
    resolvedModel: 'by/http',
    userByok: true,
  };
  const send = (body: object) =>
    asAdmin('/ingest/api-metrics', { method: 'POST', body: JSON.stringify(body) });
  expect((await send({ ...metrics, statusCode: 99 })).status).toBe(400);
  expect((await send(metrics)).status).toBe(204);
  const lines = await exposed('llm_gateway_requests_total');
  expect(lines.filter((line) => line.includes('elsewhere'))).toEqual([
    'llm_gateway_requests_total{provider="elsewhere",model="by/http",client="kilo-gateway",status="2xx",user_byok="true"} 1',
  ]);
});

test('without the admin token nothing of it is shown', async () => {
  for (const path of ['/metrics', '/alerting/config', `/alerting/baseline?model=${MODEL}`]) {
    expect((await fetch(`${world.o11yUrl}${path}`)).status).toBe(401);
  }
});
