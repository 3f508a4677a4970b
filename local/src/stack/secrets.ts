import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flawText, ruledSecretNames, secretFlaw } from '@gateway/worker-utils/secret-rules';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

/** Secrets that one machine may do without: it opens no own keys then, or asks another provider than OpenRouter. */
const MAY_BE_MISSING = ['BYOK_ENCRYPTION_KEY', 'OPENROUTER_API_KEY'];

/** What keeps a stack from starting: a required secret that is absent, or one of ours that is too weak. */
export const unfitSecrets = (values: Readonly<Record<string, string>>): readonly string[] =>
  ruledSecretNames.flatMap((name) => {
    const flaw = secretFlaw(name, values[name]);
    const isAccepted =
      flaw === null || (MAY_BE_MISSING.includes(name) && values[name] === undefined);
    return isAccepted ? [] : [flawText(name, flaw)];
  });

const Secrets = z.record(z.string(), z.string());

/** Secrets that the gateway shares with nobody: the local stack makes its own. */
const OURS = new Set([
  'NEXTAUTH_SECRET_PROD',
  'ANONYMOUS_ID_SECRET',
  'BYOK_ENCRYPTION_KEY',
  'GATEWAY_ADMIN_TOKEN',
  'O11Y_KILO_GATEWAY_CLIENT_SECRET',
]);
export const isOurs = (name: string): boolean => OURS.has(name);

/** Secrets of one stack: made when they are first asked for, kept in its folder, readable by its owner alone. */
export type SecretBook = { readonly get: (name: string) => string };

export function secretBook(folder: string): SecretBook {
  const file = join(folder, 'secrets.json');
  const read = (): Readonly<Record<string, string>> => {
    const json = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : null;
    return json?.ok === true ? Secrets.parse(json.value) : {};
  };
  return {
    get(name) {
      const known = read();
      const secret = known[name] ?? newSecret(name);
      if (known[name] === undefined) {
        writeFileSync(file, JSON.stringify({ ...known, [name]: secret }, null, 2), { mode: 0o600 });
      }
      return secret;
    },
  };
}

/** The encryption key is defined to be base64. Everything else may end up in a URL or a command line. */
const newSecret = (name: string): string =>
  randomBytes(32).toString(name === 'BYOK_ENCRYPTION_KEY' ? 'base64' : 'base64url');
