import { z } from 'zod';

// What the metrics read of an item. A field that has another shape counts as absent: clients of many versions send these.

const number = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape).optional().catch(undefined);

export const SessionReading = z.object({ time: part({ created: number, updated: number }) });
export const MessageReading = z.object({
  role: text,
  time: part({ created: number }),
  cost: number,
  tokens: part({
    input: number,
    output: number,
    reasoning: number,
    cache: part({ read: number, write: number }),
  }),
  error: part({ name: text }),
});
export const PartReading = z.object({
  type: text,
  tool: text,
  auto: z.boolean().optional().catch(undefined),
  state: part({ status: text, input: z.unknown() }),
});
export const MetaReading = z.object({ platform: text, orgId: text });
export const ModelReading = z.array(z.object({ id: z.string() }));
