/** How the house's latest calls to a provider ended, without what a client caused. */
type Calls = { readonly attempts: number; readonly failed: number };
export type GatewayHealth = Readonly<Record<'openrouter' | 'vercel', Calls>>;

const unheardOf: Calls = { attempts: 0, failed: 0 };
/** Of which nothing bad is known. */
export const unknownHealth: GatewayHealth = { openrouter: unheardOf, vercel: unheardOf };

/** In percent. Enough to learn how Vercel does. */
const SHARE = 10;
/** When OpenRouter fails and Vercel does not. Not all: that is how it is seen that OpenRouter is back. */
const FAILOVER_SHARE = 90;

const FAILING_RATE = 0.5;
/** Fewer tell nothing: after a quiet night, one failure would move nearly everybody. */
const ATTEMPTS_MIN = 20;

/** Of a hundred buckets, how many are answered through Vercel. */
export const vercelShareOf = ({ openrouter, vercel }: GatewayHealth): number =>
  errorRateOf(openrouter) > FAILING_RATE && errorRateOf(vercel) < FAILING_RATE
    ? FAILOVER_SHARE
    : SHARE;

export const isFailover = (health: GatewayHealth): boolean =>
  vercelShareOf(health) === FAILOVER_SHARE;

const errorRateOf = ({ attempts, failed }: Calls): number =>
  attempts < ATTEMPTS_MIN ? 0 : failed / attempts;
