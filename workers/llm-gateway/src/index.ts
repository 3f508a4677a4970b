import { app } from './app.ts';

export { Ledger } from './adapters/ledger.ts';
export { RateLimiter } from './adapters/rate-limiter.ts';

export default app;
