import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerTold as answer, sessionTold as session } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

// What a worker of ours hears of o11y when it tells it something, over the binding that it is deployed with.

/** Stands where session-ingest is bound to o11y: tells what it is sent, and answers with what came of it. */
const TELLS = `import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
export class SessionIngestDO extends DurableObject {}
export class SessionAccessCacheDO extends DurableObject {}
export class SessionIngestRPC extends WorkerEntrypoint {}
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { method, told } = await request.json();
    try {
      await this.env.O11Y[method](told);
      return new Response('taken');
    } catch (cause) {
      return new Response(cause.message);
    }
  }
}`;

const folder = mkdtempSync(join(tmpdir(), 'o11y-rpc-'));
let world: World;
beforeAll(async () => {
  const file = join(folder, 'tells.js');
  writeFileSync(file, TELLS);
  world = await startWorld({}, { standIns: { 'session-ingest': file } });
});
afterAll(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tell = async (method: string, told: object): Promise<string> => {
  const response = await fetch(world.sessionIngestUrl, {
    method: 'POST',
    body: JSON.stringify({ method, told }),
  });
  return response.text();
};
async function counted(name: string): Promise<readonly string[]> {
  const response = await fetch(`${world.o11yUrl}/metrics`, {
    headers: { 'x-o11y-admin-token': world.adminTokens.o11y },
  });
  const lines = (await response.text()).split('\n');
  return lines.filter((line) => line.startsWith(`${name}{`));
}

test.each([
  ['ingestApiMetrics', { statusCode: 99 }],
  ['ingestApiMetrics', { resolvedModel: '' }],
  ['ingestSessionMetrics', { totalTurns: 1.5 }],
])('%s throws at %j, which has not the agreed shape, and counts nothing', async (method, wrong) => {
  const right = method === 'ingestApiMetrics' ? answer : session;
  expect(await tell(method, { ...right, ...wrong })).toBe('ZodError');
  expect(await counted('llm_gateway_requests_total')).toEqual([]);
  expect(await counted('llm_gateway_sessions_total')).toEqual([]);
});

test('what has it is counted when whoever told it hears that it was taken', async () => {
  expect(await tell('ingestApiMetrics', answer)).toBe('taken');
  expect(await counted('llm_gateway_requests_total')).toEqual([
    'llm_gateway_requests_total{provider="openrouter",model="a/model",client="kilo-gateway",status="2xx",user_byok="false"} 1',
  ]);
  expect(await tell('ingestSessionMetrics', session)).toBe('taken');
  expect(await counted('llm_gateway_sessions_total')).toEqual([
    'llm_gateway_sessions_total{platform="cli",reason="completed"} 1',
  ]);
});
