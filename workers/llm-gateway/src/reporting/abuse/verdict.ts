import { z } from 'zod';

/** What the abuse service says. Nothing is enforced by it: an answer of any other shape is none. */
export const Verdict = z.object({
  verdict: z.enum(['ALLOW', 'CHALLENGE', 'SOFT_BLOCK', 'HARD_BLOCK']),
  risk_score: z.number().min(0).max(1),
  signals: z.array(
    z.enum([
      'high_velocity',
      'free_tier_exhausted',
      'premium_harvester',
      'suspicious_fingerprint',
      'datacenter_ip',
      'known_abuser',
    ]),
  ),
  context: z.object({ requests_per_second: z.number() }).nullish(),
  /** 0: it could not tell. */
  request_id: z.int().nonnegative(),
});
export type Verdict = z.infer<typeof Verdict>;
