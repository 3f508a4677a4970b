import { type ExactNumber, isExactNumber } from '@gateway/worker-utils/exact-json';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { storableText } from '../sanitize.ts';

export type RecordedRequest = {
  readonly kilo_user_id: string;
  readonly organization_id: string | null;
  readonly status_code: number | null;
  readonly model: string;
  readonly provider: string;
  /** JSON. */
  readonly request: unknown;
  readonly reply: string | null;
};

/** Of each, the request and the reply. A longer request is kept as the beginning of its text. */
const CHARACTERS_MAX = 1_000_000;

/** Adds a row to the log of whole requests. */
export async function recordRequest(database: Database, row: RecordedRequest): Promise<void> {
  const text = `
insert into api_request_log (kilo_user_id, organization_id, provider, model, status_code, request, response)
values ($1, $2, $3, $4, $5, $6::jsonb, $7)`;
  const values = [
    row.kilo_user_id,
    row.organization_id,
    row.provider,
    storableText(row.model),
    row.status_code,
    storableJson(row.request),
    storableText(row.reply)?.slice(0, CHARACTERS_MAX).toWellFormed() ?? null,
  ];
  await database.rows({ text, values }, z.unknown());
}

function storableJson(value: unknown): string {
  const json = JSON.stringify(withStorableTexts(value));
  if (json.length <= CHARACTERS_MAX) return json;
  const beginning = json.slice(0, CHARACTERS_MAX).toWellFormed();
  return JSON.stringify({ characters: json.length, beginning });
}

/** A `jsonb` takes neither NUL nor half a surrogate pair, not even escaped, and not every number. */
function withStorableTexts(value: unknown): unknown {
  if (isExactNumber(value)) return isStorable(value) ? value : value.rawJSON;
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(withStorableTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [storableText(name), withStorableTexts(field)]),
  );
}

const NUMBER_CHARACTERS_MAX = 1000;

/** A `numeric` has up to 131,072 digits before the point and 16,383 after it, and writes them all: `1e100000` is 100 kB. */
function isStorable({ rawJSON }: ExactNumber): boolean {
  const number = Number(rawJSON);
  const isTiny = number === 0 && /[1-9].*e/i.test(rawJSON);
  return rawJSON.length <= NUMBER_CHARACTERS_MAX && Number.isFinite(number) && !isTiny;
}
