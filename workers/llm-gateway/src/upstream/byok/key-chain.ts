import type { SecretPair } from '@gateway/worker-utils/secret-pair';
import type { Credentials } from '../../exchange/byok-credentials.ts';
import { openKey } from './open-key.ts';
import type { ByokKey } from '../../exchange/byok-key.ts';

/** Decrypts BYOK keys for one call. Null: the key is unusable, and this was reported. Never log the credentials. */
export type KeyChain = { readonly open: (key: ByokKey) => Promise<Credentials | null> };

type Facts = Readonly<Record<'id' | 'provider', string>>;
type Needs = {
  readonly encryptionKeys: SecretPair;
  /** Called for a key that must be re-encrypted before the previous encryption key can be removed. */
  readonly reportOld: (facts: Facts) => void;
  readonly reportUnusable: (facts: Facts & { readonly why: string }) => void;
};

export const keyChainOf = ({ encryptionKeys, reportOld, reportUnusable }: Needs): KeyChain => ({
  async open(key) {
    const facts = { id: key.id, provider: key.provider };
    const opened = await openKey(key, await encryptionKeys.current());
    if (opened.ok) return opened.value;

    const previous = opened.error === 'unreadable' ? await encryptionKeys.previous() : null;
    const again = previous === null ? opened : await openKey(key, previous);
    if (!again.ok) {
      reportUnusable({ ...facts, why: again.error });
      return null;
    }
    reportOld(facts);
    return again.value;
  },
});
