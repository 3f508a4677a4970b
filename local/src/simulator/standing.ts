import { z } from 'zod';
import { healed, Scenario } from './scenario.ts';

/** A scenario for whatever is asked: an outage. For a time, for so many requests, at one of the bases; else until it is lifted. */
export const Standing = z.strictObject({
  scenario: Scenario.nullable(),
  seconds: z.number().positive().max(3600).optional(),
  requests: z.int().positive().optional(),
  base: z.string().optional(),
});
export type Standing = z.infer<typeof Standing>;

type Order = {
  readonly scenario: Scenario;
  readonly until: number;
  readonly base: string | null;
  left: number;
};

/** Decides what is played, of what the header, the standing orders and the model's name ask for. In this order. */
export class Orders {
  #orders: Order[] = [];
  #played = new Map<string, { readonly count: number; readonly since: number }>();

  /** A null scenario lifts all. */
  stand({ scenario, seconds, requests, base }: Standing, nowMs: number): void {
    if (!scenario) {
      this.#orders = [];
      return;
    }
    this.#orders.unshift({
      scenario,
      until: seconds === undefined ? Number.POSITIVE_INFINITY : nowMs + seconds * 1000,
      base: base ?? null,
      left: requests ?? Number.POSITIVE_INFINITY,
    });
  }

  standing(base: string, nowMs: number): Scenario | null {
    this.#orders = this.#orders.filter(({ until, left }) => until > nowMs && left > 0);
    const order = this.#orders.find((candidate) => (candidate.base ?? base) === base);
    if (!order) return null;
    order.left -= 1;
    return order.scenario;
  }

  /** A scenario that is used up, or not meant for this base, answers without its fault. */
  played(scenario: Scenario, base: string, nowMs: number): Scenario {
    const { times = Infinity, seconds = Infinity, on } = scenario.settings;
    if (on !== undefined && on !== base) return healed(scenario);
    if (times === Infinity && seconds === Infinity) return scenario;
    const { count, since } = this.#played.get(scenario.text) ?? { count: 0, since: nowMs };
    this.#played.set(scenario.text, { count: count + 1, since });
    return count >= times || nowMs >= since + seconds * 1000 ? healed(scenario) : scenario;
  }

  reset(): void {
    this.#orders = [];
    this.#played.clear();
  }
}
