export type Severity = 'page' | 'ticket';

export type BurnWindow = {
  readonly severity: Severity;
  /** Whether enough of the budget is gone to matter. */
  readonly longMinutes: number;
  /** Whether it is still going: ends an alert soon after a recovery. */
  readonly shortMinutes: number;
  /** How many times faster than allowed the budget is being used up. */
  readonly burnRate: number;
};

/** In the order in which they are evaluated: whom it wakes, then how fast it burns. */
export const burnWindows = [
  { severity: 'page', longMinutes: 5, shortMinutes: 1, burnRate: 14.4 },
  { severity: 'page', longMinutes: 30, shortMinutes: 3, burnRate: 6 },
  { severity: 'ticket', longMinutes: 360, shortMinutes: 30, burnRate: 1 },
] as const satisfies readonly BurnWindow[];
