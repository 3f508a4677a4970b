import { answerTold } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownerOf } from '../../support/custom-llm.ts';
import { eventually } from '../../support/launcher.ts';
import { startMovedO11y } from '../../support/moved-o11y.ts';
import { startWorld, type World } from '../../support/world.ts';

// Callers make up model names. Metrics name only models of the catalogue, our own, those of organisations, and those that an
// operator watches.

const WATCHED = 'sim/watched';
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const asAdmin = (path: string, init: RequestInit = {}) =>
  fetch(`${world.o11yUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${world.adminTokens.o11y}` },
  });

async function requestsByModel(): Promise<Readonly<Record<string, number>>> {
  const text = await (await asAdmin('/metrics')).text();
  const pattern = /^llm_gateway_requests_total\{.*model="(?<model>[^"]*)".*\} (?<requests>\d+)$/gm;
  const counts: Record<string, number> = {};
  for (const { groups } of text.matchAll(pattern)) {
    const model = groups?.['model'] ?? '';
    counts[model] = (counts[model] ?? 0) + Number(groups?.['requests']);
  }
  return counts;
}

test('counts invented models as `other`, and the rest under their names', async () => {
  const objective = { model: WATCHED, enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 10 };
  await asAdmin('/alerting/config', { method: 'PUT', body: JSON.stringify(objective) });
  const { token, rows } = await world.newcomer(100);
  const messages = [{ role: 'user', content: 'Hello!' }];
  const ask = async (model: string, path = '/api/openrouter/chat/completions') =>
    (await world.ask({ token, path, body: { model, messages, prompt: 'a' } })).text();
  const invented = Array.from({ length: 60 }, (_, n) => `sim/answer~note=${n}`);
  await Promise.all(invented.map((model) => ask(model)));
  const suffixed = Array.from({ length: 10 }, (_, n) => `anthropic/claude-sonnet-4.6:x${n}`);
  await Promise.all(suffixed.map((model) => ask(model)));
  for (const model of [`${WATCHED}:x`, 'kilo/auto-small']) await ask(model);
  for (const name of ['codestral-made-up', 'codestral-latest']) {
    await ask(name, '/api/fim/completions');
  }
  const owner = await ownerOf(world, { provider: 'openai', scenario: 'answer' });
  await (await world.ask({ token: owner.token, body: { model: owner.model, messages } })).text();

  await eventually(async () => {
    const counts = Object.values(await requestsByModel());
    return counts.reduce((sum, count) => sum + count, 0) === 75;
  }, 'the metrics of all');
  expect(await requestsByModel()).toEqual({
    other: 61,
    'anthropic/claude-sonnet-4.6': 10,
    [WATCHED]: 1,
    'openai/gpt-5-nano': 1,
    'mistralai/codestral-latest': 1,
    [owner.model]: 1,
  });
  // Rows keep the name as it was asked for.
  const kept = (await rows(74)).map((row) => row.requested_model);
  expect(kept).toEqual(expect.arrayContaining([...invented, 'mistralai/codestral-made-up']));
});

test('pages for a model with an objective although a thousand names were told before', async () => {
  const o11y = await startMovedO11y();
  try {
    const told = (resolvedModel: string, statusCode: number) => ({
      ...answerTold,
      resolvedModel,
      statusCode,
    });
    const invented = Array.from({ length: 1_100 }, (_, n) => told(`made/up-${n}`, 200));
    const failed = Array.from({ length: 20 }, () => told(WATCHED, 503));
    const begin = Date.UTC(2026, 0, 10);
    await o11y.pass([{ at: begin, runs: 1, metrics: invented }]);
    const objective = { errorRateSlo: 0.99, minRequestsPerWindow: 10 };
    await o11y.send('PUT', '/alerting/config', { model: WATCHED, enabled: true, ...objective });
    await o11y.pass([{ at: begin + 60_000, runs: 1, metrics: failed }]);
    await o11y.pass([{ at: begin + 120_000, runs: 1, metrics: [] }]);
    expect(o11y.slack.received).toMatchObject([{ path: '/page' }]);
    expect(o11y.slack.received[0]?.body).toContain(WATCHED);
  } finally {
    await o11y.stop();
  }
});
