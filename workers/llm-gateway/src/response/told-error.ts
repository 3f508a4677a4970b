import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../request/chat-request.ts';
import { withoutAccount } from './rewrite/account.ts';
import type { Fields } from './rewrite/public-view.ts';
import { failureIn } from './failure-in.ts';

/** Enough for a person to see what is wrong. */
const REASON_CHARACTERS_MAX = 500;
const REASONS_MAX = 5;
const DEPTH_MAX = 5;

/**
 * What a client gets of an upstream's error: JSON that says in `error` what is wrong, whatever came. An error in a readable shape
 * stays as it came, but for the account that it names; the same object where that is nothing.
 */
export function toldError(body: Fields, status: number): Fields {
  const shown = withoutAccount(body);
  if (isReadable(shown['error'])) return shown;
  const failure = failureIn(shown);
  const message =
    reasonIn(failure?.error) ?? reasonIn(shown) ?? `The provider failed with ${status}.`;
  return { ...shown, error: { ...failure?.error, code: failure?.status ?? status, message } };
}

/** The same of a body of any kind: a page, a text, an event or nothing. */
export function toldErrorOf(text: string, status: number): Fields {
  const value = jsonIn(text);
  if (isRecord(value)) return toldError(value, status);
  const reason = reasonIn(value) ?? `The provider failed with ${status}.`;
  return { error: { code: status, message: reason } };
}

function jsonIn(text: string): unknown {
  const json = parseJson(text);
  if (json.ok) return json.value;
  // A refusal may come as the only event of a stream.
  const event = parseJson(/^data: ?(?<data>.*)$/m.exec(text)?.groups?.['data'] ?? '');
  return event.ok ? event.value : text;
}

const isReadable = (error: unknown): boolean => {
  const message = isRecord(error) ? error['message'] : error;
  return typeof message === 'string' && message.trim() !== '' && !isMarkup(message);
};

/** Where the APIs that we know of, and the frameworks that others are made with, say what is wrong. The first counts. */
const REASON_FIELDS = [
  'message',
  'msg',
  'error',
  'detail',
  'errors',
  'error_description',
  'reason',
  'description',
  'title',
];

/** What is wrong, in the words of whatever came: never markup. Null where there are none. */
function reasonIn(value: unknown, depth = 0): string | null {
  if (depth > DEPTH_MAX) return null;
  if (typeof value === 'string') return wordsIn(value);
  if (Array.isArray(value)) {
    const reasons = value.slice(0, REASONS_MAX).flatMap((one) => reasonIn(one, depth + 1) ?? []);
    return reasons.length === 0 ? null : reasons.join('; ').slice(0, REASON_CHARACTERS_MAX);
  }
  if (!isRecord(value)) return null;
  for (const name of REASON_FIELDS) {
    const reason = reasonIn(value[name], depth + 1);
    if (reason !== null) return `${placeIn(value)}${reason}`.slice(0, REASON_CHARACTERS_MAX);
  }
  return null;
}

/** FastAPI says which field is meant. */
const placeIn = ({ loc }: Fields): string =>
  Array.isArray(loc) && loc.length > 0 ? `${loc.map(String).join('.')}: ` : '';

function wordsIn(text: string): string | null {
  const said = isMarkup(text) ? titleIn(text) : text;
  const words = said.replaceAll(/\s+/g, ' ').trim();
  return words === '' ? null : words.slice(0, REASON_CHARACTERS_MAX);
}

const isMarkup = (text: string): boolean =>
  text.trimStart().startsWith('<') || /<(?:!doctype|html|head|body)\b/i.test(text);

/** All that a page says in a few words. */
function titleIn(page: string): string {
  const title = /<(?<tag>title|h1)\b[^>]*>(?<words>[^<]*)<\/\k<tag>>/i.exec(page)?.groups;
  return (title?.['words'] ?? '').replaceAll(/&#?\w{1,8};/g, ' ');
}
