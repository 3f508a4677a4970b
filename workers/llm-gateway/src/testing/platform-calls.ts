import { ModelId } from '@gateway/worker-utils/ids';
import type { Call, Target } from '../exchange/exchange.ts';

// A model that both gateways have, and calls that are put in order but not made.

export const openrouter: Target = { kind: 'platform', provider: 'openrouter' };
export const vercel: Target = { kind: 'platform', provider: 'vercel' };
export const model = ModelId.parse('maker/model');
export const callTo = (target: Target): Call => ({
  target,
  compose: () => Promise.reject(new Error('Nothing is sent here.')),
});
export const calls = [callTo(openrouter), callTo(vercel)];
