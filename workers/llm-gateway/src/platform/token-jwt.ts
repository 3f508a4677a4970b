import { verifyKiloToken } from '@gateway/worker-utils/kilo-token';
import type { SecretPair } from '@gateway/worker-utils/secret-pair';
import type { Clock } from '@gateway/worker-utils/time';
import type { Tokens } from '../pipeline/stages/identify.ts';

type Needs = {
  readonly secrets: SecretPair;
  readonly clock: Clock;
  /** Where this runs. A token that was made elsewhere is refused, if it says where. */
  readonly environment: string;
};

export const tokensOf = ({ secrets, clock, environment }: Needs): Tokens => ({
  async verify(token) {
    const claims = await verifyKiloToken(token, secrets, clock.now());
    if (!claims.ok) return null;
    const { env } = claims.value;
    const isForeign = env !== undefined && environment !== '' && env !== environment;
    return isForeign ? null : claims.value;
  },
});
