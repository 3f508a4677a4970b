import { createHash } from 'node:crypto';
import type { Delivered } from '@gateway/local/simulator';

// What an upstream was sent, as it arrived there.

/** By what each provider knows our users. */
const peppers = {
  openrouter: 'henk is a boss',
  vercel: 'vercel',
  gigapotato: 'gigapotato',
  corethink: 'corethink',
  custom: 'custom',
} as const;
export type Upstream = keyof typeof peppers;

export const hash = (upstream: Upstream, payload: string): string =>
  createHash('sha256').update(`d20250815${peppers[upstream]}${payload}`).digest('base64');

export const bodyOf = ({ rawBody }: Delivered): unknown => JSON.parse(rawBody ?? '');

/** Without those that belong to the connection. */
export function headersOf({ headers }: Delivered): Readonly<Record<string, unknown>> {
  const connection = new Set(['host', 'content-length', 'connection', 'accept-encoding']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connection.has(name)));
}

export const commonHeaders = (key: string) => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  'http-referer': 'https://kilocode.ai',
  'x-title': 'Kilo Code',
});
