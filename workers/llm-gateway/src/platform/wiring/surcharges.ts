import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import { isSurcharge, type SurchargeChanges } from '../../policy/surcharges.ts';

/** Made once, as in `lease.ts`. */
const Changes = z.record(z.string().refine(isSurcharge), z.number().nonnegative().max(1_000));

/** What an operator knows better of what paid extras cost: `{"web-search":0.02}`. Empty: nothing. */
export function surchargesIn({ HOLD_SURCHARGES_USD: text }: Env): SurchargeChanges {
  if (text.trim() === '') return {};
  const json = parseJson(text);
  return Changes.parse(json.ok ? json.value : null);
}
