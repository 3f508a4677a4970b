import { expect, it } from 'vitest';
import { startSimulator } from './server.ts';
import { ask, chatBody, post, textUntil } from './test-client.ts';

it('holds an answer wherever somebody wants it held: what comes after is not sent before', async () => {
  const simulator = await startSimulator();
  const seen: string[] = [];
  const held = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  simulator.interpose((_entry, step, phase) => {
    seen.push(`${phase} ${step}`);
    // The comments, and then the first token.
    if (seen.filter((point) => point === 'after bytes').length < 2) return Promise.resolve();
    reached.resolve();
    return held.promise;
  });
  const body = chatBody('sim/answer~tokens=2');
  const response = await post(`${simulator.url}/chat/completions`, body);
  await Promise.all([textUntil(response, 'data: '), reached.promise]);
  expect(simulator.log()).toMatchObject([{ tokens: 1, ending: 'open' }]);
  expect(seen).toEqual([
    'before head',
    'after head',
    'before bytes',
    'after bytes',
    'before bytes',
    'after bytes',
  ]);
  held.resolve();
  expect(await simulator.ended(1)).toMatchObject({ tokens: 2, ending: 'complete' });
  await simulator.close();
});

it('says the same, whether it is watched or not', async () => {
  const simulator = await startSimulator({ seed: 1 });
  const plain = await ask(simulator, 'sim/answer~seed=3');
  simulator.interpose(() => Promise.resolve());
  const watched = await ask(simulator, 'sim/answer~seed=3');
  simulator.reset();
  expect(watched.text).toHaveLength(plain.text.length);
  await simulator.close();
});
