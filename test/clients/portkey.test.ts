import { freePort } from '@gateway/local/stack/free-port';
import { portkeyHeaders, type PortkeyTarget, startPortkey } from '@gateway/local/stack/portkey';
import { startSimulator } from '@gateway/local/simulator';
import { expect, onTestFinished, test } from 'vitest';

test.each([
  ['openai', false],
  ['openai', true],
  ['openrouter', false],
  ['openrouter', true],
] as const)(
  'what is compared with asks %s (streamed: %s) where it is told to, and the next one where that is away',
  async (provider, stream) => {
    const simulator = await startSimulator();
    onTestFinished(simulator.close);
    const portkey = await startPortkey();
    onTestFinished(portkey.stop);
    const there: PortkeyTarget = { provider, url: simulator.url, apiKey: 'sk-there' };
    const away = { ...there, url: `http://127.0.0.1:${await freePort()}/v1` };

    for (const headers of [portkeyHeaders([there]), portkeyHeaders([away, there])]) {
      const answer = await fetch(portkey.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'sim/answer',
          stream,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain(stream ? 'data: [DONE]' : '"usage"');
    }
    expect(simulator.log()).toHaveLength(2);
  },
);
