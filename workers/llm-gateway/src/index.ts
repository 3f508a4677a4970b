import { app } from './app.ts';

export { RateLimiter } from './adapters/rate-limiter.ts';

export default app;
