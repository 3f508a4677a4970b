import { parseExactJson } from '@gateway/worker-utils/exact-json';
import { isRecord } from '../request/chat-request.ts';

const REDACTED = '[redacted]';
/** As the providers' fields for keys are called, in any spelling. */
const NAMES = new Set(['apikey', 'authorization', 'secretaccesskey', 'accesskeyid', 'privatekey']);
/** Shorter ones are words that occur everywhere. */
const SECRET_CHARACTERS_MIN = 8;

export type Redacted = {
  readonly request: unknown;
  /** The secrets that were found in the request, wherever a reply repeats them. */
  readonly reply: string | null;
};

/** A request and its reply without the keys that the request was made with: Vercel is told a caller's own keys in the body. */
export function redacted(body: string, reply: string | null): Redacted {
  const json = parseExactJson(body);
  if (!json.ok) return { request: null, reply: null };
  const secrets = new Set<string>();
  const request = withoutSecrets(json.value, (secret) => secrets.add(secret));
  let shown = reply;
  for (const secret of secrets) shown = shown?.replaceAll(secret, REDACTED) ?? null;
  return { request, reply: shown };
}

type Found = (secret: string) => void;

function withoutSecrets(value: unknown, found: Found): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, found));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).map(([name, field]) => {
    if (!isSecret(name, field)) return [name, withoutSecrets(field, found)] as const;
    for (const text of textsIn(field)) if (text.length >= SECRET_CHARACTERS_MIN) found(text);
    return [name, REDACTED] as const;
  });
  return Object.fromEntries(kept);
}

/** A tool may well have a parameter of such a name: only a text can be a key. Under `byok` there is nothing else. */
const isSecret = (name: string, field: unknown): boolean =>
  name === 'byok' ||
  (typeof field === 'string' && NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, '')));

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}
