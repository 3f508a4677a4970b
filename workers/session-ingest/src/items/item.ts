import { OrganizationId } from '@gateway/worker-utils/ids';
import { z } from 'zod';

const Id = z.string().min(1).max(200);
/** Only what is read here is named; the rest of an item is kept as it came. */
const Anything = z.looseObject({});

/** What a client may send of a session. */
export const Item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('kilo_meta'),
    data: z.looseObject({
      platform: z.string().min(1).max(200),
      orgId: OrganizationId.optional(),
      gitUrl: z.string().max(2_048).optional(),
      gitBranch: z.string().max(256).optional(),
    }),
  }),
  z.object({ type: z.literal('session'), data: Anything }),
  z.object({ type: z.literal('message'), data: z.looseObject({ id: Id }) }),
  z.object({ type: z.literal('part'), data: z.looseObject({ id: Id, messageID: Id }) }),
  z.object({ type: z.literal('session_diff'), data: z.array(Anything) }),
  z.object({ type: z.literal('model'), data: z.array(z.looseObject({ id: z.string() })) }),
  z.object({ type: z.literal('session_open'), data: Anything }),
  z.object({
    type: z.literal('session_close'),
    data: z.looseObject({ reason: z.enum(['completed', 'error', 'interrupted']) }),
  }),
]);
export type Item = z.infer<typeof Item>;

const ITEMS_MAX = 20_000;
const types = new Set<string>(Item.options.map((option) => option.shape.type.value));

/** A batch. Items of a type that is not kept are left out: newer clients send more types, and would lose the rest with them. */
export const IngestBody = z.object({
  data: z
    .array(z.looseObject({ type: z.string() }))
    .max(ITEMS_MAX)
    .transform((items) => items.map((item) => (types.has(item.type) ? item : null)))
    .pipe(z.array(Item.nullable()))
    .transform((items) => items.filter((item) => item !== null)),
});
