import { expect, test } from 'vitest';
import { scenarioOf } from './scenario.ts';
import { faultNames } from './fault-matrix.ts';

test('every fault of the wall can be played, at the gateway that fails and at the one that is well', () => {
  expect(faultNames).toHaveLength(16);
  for (const name of faultNames) {
    const [fails, well] = ['api', 'vercel'].map((base) => scenarioOf(`maker/wall-${name}`, base));
    expect(fails?.error).toBeUndefined();
    expect(fails?.data?.text).not.toContain('wall');
    expect(well?.data).toMatchObject({ behaviour: 'answer', settings: { tokens: 60 } });
  }
});

test('a fault may be asked of any model, and be told apart from others of its kind', () => {
  const text = (model: string) => scenarioOf(model, 'api').data?.text;
  expect(text('Maker/model-4.5-wall-unavailable~tag=1')).toBe('status~code=503~tag=1');
  expect(text('maker/wall-nobody-knows')).toBeUndefined();
  expect(text('maker/firewall')).toBe('answer');
});
