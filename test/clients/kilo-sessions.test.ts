import { ask } from '@gateway/db/inspect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { kilo, type KiloComputer } from '../support/kilo-cli.ts';
import { startWorld, type World } from '../support/world.ts';

// The published Kilo CLI, with session ingest switched on, against the local stack.

const client = await kilo();

let world: World;
const machines: KiloComputer[] = [];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await Promise.all(machines.map((machine) => machine.remove()));
  await world?.stop();
});

const Snapshot = z.object({
  info: z.looseObject({ id: z.string() }),
  messages: z.array(
    z.object({
      info: z.looseObject({ role: z.string() }),
      parts: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
    }),
  ),
});

/** Who has said what. Of a message the last text: on a busy machine the CLI first says what it is doing, and never takes it back. */
const conversationOf = ({ messages }: z.infer<typeof Snapshot>): readonly string[] =>
  messages.map(({ info, parts }) => {
    const said = parts.findLast(({ type }) => type === 'text')?.text?.trim();
    return `${info.role}: ${said}`;
  });

async function computer() {
  const { token } = await world.newcomer(10);
  const { sessionIngestUrl } = world;
  const get = (path: string) =>
    fetch(`${sessionIngestUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return {
    exported: async (session: string) => get(`/api/session/${session}/export`),
    buy: () => {
      const machine = client.computer({ url: world.url, sessionIngestUrl, token });
      machines.push(machine);
      return machine;
    },
  };
}

async function metrics(): Promise<string> {
  const headers = { authorization: `Bearer ${world.adminTokens.o11y}` };
  return (await fetch(`${world.o11yUrl}/metrics`, { headers })).text();
}
const readShared = (publicId: string) => fetch(`${world.sessionIngestUrl}/session/${publicId}`);
const snapshotIn = async (response: Response) => Snapshot.parse(await response.json());

test('a session of the Kilo CLI can be exported and shared, is counted, goes on on another machine, and is gone once deleted', async () => {
  const { exported, buy } = await computer();
  const [first, second] = [buy(), buy()];

  const { session, text } = await first.turn('Say hello', '--share');
  const conversation = ['user: Say hello', `assistant: ${text}`];
  const snapshot = await snapshotIn(await exported(session));
  expect(snapshot.info.id).toBe(session);
  expect(conversationOf(snapshot)).toEqual(conversation);

  const counted = 'llm_gateway_sessions_total{platform="cli",reason="completed"} 1';
  await expect.poll(metrics, { timeout: 60_000 }).toContain(counted);

  const statement = {
    text: 'select public_id, created_on_platform from cli_sessions_v2 where session_id = $1',
    values: [session],
  };
  const Row = z.object({ public_id: z.string(), created_on_platform: z.string() });
  const [row] = await ask(world.databaseUrl, statement, Row);
  expect(row?.created_on_platform).toBe('cli');
  expect(await snapshotIn(await readShared(row?.public_id ?? ''))).toEqual(snapshot);

  const next = await second.turn('And once more', '--cloud-fork', '--session', session);
  expect(next.session).not.toBe(session);
  expect(conversationOf(await snapshotIn(await exported(next.session)))).toEqual([
    ...conversation,
    'user: And once more',
    `assistant: ${next.text}`,
  ]);

  await first.run('session', 'delete', session);
  expect((await exported(session)).status).toBe(404);
  expect((await readShared(row?.public_id ?? '')).status).toBe(404);
  expect((await exported(next.session)).status).toBe(200);
});
