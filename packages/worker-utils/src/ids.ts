import { z } from 'zod';

/** Of a name that a request or an operator gives. Characters are Unicode code points. */
export const MODEL_CHARACTERS_MAX = 256;

/** Full model id: trimmed, lower case, suffix kept (`vendor/name:free`). The key of every table of models. */
export const ModelId = z.string().trim().toLowerCase().min(1).brand<'ModelId'>();
export type ModelId = z.infer<typeof ModelId>;

/** Model id with everything from the first colon cut off. Never a key of a table of models. */
export type ModelBase = string & z.core.$brand<'ModelBase'>;
const ModelBase = z.string().brand<'ModelBase'>();
export const modelBase = (id: ModelId): ModelBase => ModelBase.parse(id.split(':', 1)[0]);

/** Text that Postgres can store and find again: no NUL, and no half of a surrogate pair. */
export const StorableText = z
  .string()
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be text that can be stored');

/** A row of `kilocode_users`: a UUID, or an older form such as `oauth/google:123`. */
export const UserId = StorableText.min(1).brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

export const OrganizationId = z.guid().toLowerCase().brand<'OrganizationId'>();
export type OrganizationId = z.infer<typeof OrganizationId>;

/** Stands for a caller without a token. Derived from the address by a keyed hash: the address can't be read from it. */
export const AnonymousId = z.string().startsWith('anon:').brand<'AnonymousId'>();
export type AnonymousId = z.infer<typeof AnonymousId>;

/** One exchange from request to settlement; also the id of its row in `microdollar_usage`. */
export const ExchangeId = z.uuid().brand<'ExchangeId'>();
export type ExchangeId = z.infer<typeof ExchangeId>;
