import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { o11yStandIns } from '../../support/o11y-stand-ins.ts';
import { startWebhook } from '../../support/webhook.ts';
import { startWorld, type World } from '../../support/world.ts';

// Those who watch misbehave. Nobody but the log may notice.

const standIns = o11yStandIns();
afterAll(standIns.remove);

/** An answer that is asked for arrives to its last byte, and is charged. */
async function answered(world: World, stream: boolean): Promise<void> {
  const person = await world.newcomer(10);
  const response = await world.ask({
    token: person.token,
    body: {
      model: 'anthropic/claude-sonnet-4.6',
      messages: [{ role: 'user', content: 'Hello!' }],
      stream,
    },
  });
  expect(response.status).toBe(200);
  const bytes = (await response.arrayBuffer()).byteLength;
  const delivered = world.simulator.log().at(-1);
  expect(bytes).toBe(delivered?.bytesWritten);
  const [row] = await person.rows(1);
  expect(row).toMatchObject({ cost: Math.round((delivered?.cost ?? 0) * 1_000_000) });
  expect(row?.cost).toBeGreaterThan(0);
}
const logged = (world: World, text: string) =>
  eventually(() => world.workerLines.some((line) => line.includes(text)), text);

describe.each([
  ['fails', 'ingestApiMetrics() { throw new Error("down"); }', '"effect":"metrics"'],
  [
    'never answers',
    'ingestApiMetrics() { console.log("was asked"); return new Promise(() => {}); }',
    'was asked',
  ],
  ['knows no metrics', 'another() {}', '"effect":"metrics"'],
])('a worker for metrics that %s', (name, ingest, sign) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(
      {},
      { standIns: { o11y: standIns.write(name.replaceAll(' ', '-'), ingest) } },
    );
  });
  afterAll(() => world.stop());

  test.each([
    ['streamed', true],
    ['whole', false],
  ])(
    'changes nothing: a %s answer arrives to its last byte, and is charged',
    async (_how, stream) => {
      await answered(world, stream);
      await logged(world, sign);
    },
  );

  test('changes no refusal', async () => {
    const response = await world.ask({ body: '{' });
    expect(response.status).toBe(400);
    await response.text();
  });
});

test('a collector of traces that is away or hangs changes nothing', async () => {
  const collector = await startWebhook();
  const world = await startWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  collector.hang();
  await answered(world, true);
  await collector.close();
  await answered(world, false);
  await logged(world, 'traces not sent');
  await world.stop();
});
