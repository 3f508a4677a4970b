import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.ts';
import { Orders } from './standing.ts';

const scenario = Scenario.parse('status~code=503');
const model = Scenario.parse('cut~after=1~times=2');

describe('an outage', () => {
  it('lasts for its seconds', () => {
    const orders = new Orders();
    orders.stand({ scenario, seconds: 60 }, 1000);
    expect(orders.standing('api', 60_999)).toEqual(scenario);
    expect(orders.standing('api', 61_000)).toBeNull();
  });

  it('is of one base, and of so many requests there', () => {
    const orders = new Orders();
    orders.stand({ scenario, requests: 1, base: 'vercel' }, 0);
    expect(orders.standing('api', 0)).toBeNull();
    expect(orders.standing('vercel', 0)).toEqual(scenario);
    expect(orders.standing('vercel', 0)).toBeNull();
  });

  it('gives way to a newer one, and comes back after it', () => {
    const orders = new Orders();
    orders.stand({ scenario }, 0);
    orders.stand({ scenario: model, requests: 1 }, 0);
    expect(orders.standing('api', 0)).toEqual(model);
    expect(orders.standing('api', 0)).toEqual(scenario);
    orders.stand({ scenario: null }, 0);
    expect(orders.standing('api', 0)).toBeNull();
  });
});

it('a fault that has had its times is healed, and stays so until the reset', () => {
  const orders = new Orders();
  const behaviours = () => [1, 2, 3].map(() => orders.played(model, 'api', 0).behaviour);
  expect(behaviours()).toEqual(['cut', 'cut', 'answer']);
  expect(behaviours()).toEqual(['answer', 'answer', 'answer']);
  orders.reset();
  expect(behaviours()).toEqual(['cut', 'cut', 'answer']);
});

it('a fault that lasts so many seconds is over then, counted from the first that asked', () => {
  const orders = new Orders();
  const outage = Scenario.parse('status~code=503~seconds=60');
  const behaviours = [5000, 64_999, 65_000].map(
    (nowMs) => orders.played(outage, 'api', nowMs).behaviour,
  );
  expect(behaviours).toEqual(['status', 'status', 'answer']);
});
