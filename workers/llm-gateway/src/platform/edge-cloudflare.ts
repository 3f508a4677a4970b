import { z } from 'zod';
import type { Geo } from '../exchange/exchange.ts';
import type { Edge } from '../pipeline/stages/receive.ts';

const text = z.string().min(1).nullable().catch(null).default(null);
/** Cloudflare writes numbers as text. An empty one would be read as 0, which is a place. */
const degrees = z
  .union([z.number(), z.string().trim().min(1)])
  .pipe(z.coerce.number())
  .nullable()
  .catch(null)
  .default(null);

/** What the platform tells of a connection. On one machine it knows the peer; on Cloudflare it knows the place. */
const Connection = z.object({
  clientIp: text,
  city: text,
  country: text,
  latitude: degrees,
  longitude: degrees,
  botManagement: z.object({ ja4: text }).catch({ ja4: null }).default({ ja4: null }),
});

export function edgeOf(request: Request): Edge {
  const connection = Connection.parse(request.cf ?? {});
  const { city, country, latitude, longitude, botManagement } = connection;
  const geo: Geo = { city, country, latitude, longitude, ja4: botManagement.ja4 };
  return { socketAddress: connection.clientIp, geo };
}
