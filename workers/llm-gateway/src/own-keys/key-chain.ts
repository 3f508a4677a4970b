import type { Credentials } from './credentials.ts';
import { openKey } from './open-key.ts';
import type { OwnKey } from './own-key.ts';

/** Opens keys. Null: it can't be used, and that has been reported. What it gives is for one call, and is never logged. */
export type KeyChain = { readonly open: (key: OwnKey) => Promise<Credentials | null> };

type Needs = {
  readonly encryptionKey: () => Promise<string>;
  readonly reportUnusable: (facts: Readonly<Record<'id' | 'provider' | 'why', string>>) => void;
};

export const keyChainOf = ({ encryptionKey, reportUnusable }: Needs): KeyChain => ({
  async open(key) {
    const opened = await openKey(key, await encryptionKey());
    if (opened.ok) return opened.value;
    reportUnusable({ id: key.id, provider: key.provider, why: opened.error });
    return null;
  },
});
