const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Of `30m`, `1h` or `7d`. NaN for anything else. */
export function secondsOf(duration: string): number {
  const { amount, unit } = /^(?<amount>\d{1,6})(?<unit>[smhd])$/.exec(duration)?.groups ?? {};
  return Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
}
