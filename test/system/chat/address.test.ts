import { describe, expect, test } from 'vitest';
import { startWorld, untilRows } from '../../support/world.ts';

const forged = {
  'cf-connecting-ip': '192.0.2.1',
  'x-forwarded-for': '192.0.2.2, 192.0.2.3',
  'x-real-ip': '192.0.2.4',
  'true-client-ip': '192.0.2.5',
  forwarded: 'for=192.0.2.6',
  'mf-cf-blob': '{"clientIp":"192.0.2.7"}',
};

describe.each([
  ['cloudflare', '192.0.2.1'],
  ['socket', '127.0.0.1'],
  ['forwarded', '192.0.2.3'],
])('CLIENT_ADDRESS=%s', (mode, believed) => {
  test(`with every header forged, the address is ${believed}`, async () => {
    const world = await startWorld({ CLIENT_ADDRESS: mode });
    try {
      const messages = [{ role: 'user', content: 'Hello!' }];
      const body = { model: 'minimax/minimax-m2.5:free', messages };
      const response = await world.ask({ body, headers: forged });
      expect(response.status).toBe(200);
      await response.text();
      const text = 'select http_x_forwarded_for as address from microdollar_usage_view';
      expect(await untilRows(world.databaseUrl, text)).toEqual([{ address: believed }]);
      const uses = 'select ip_address as address from free_model_usage';
      expect(await untilRows(world.databaseUrl, uses)).toEqual([{ address: believed }]);
    } finally {
      await world.stop();
    }
  });
});

test('without the source that is believed, no request is served', async () => {
  const world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
  try {
    const response = await world.ask({ body: { model: 'a/b' } });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'Unable to determine client IP' });
  } finally {
    await world.stop();
  }
});
