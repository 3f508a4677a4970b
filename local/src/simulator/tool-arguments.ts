import { z } from 'zod';

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
});

const DEPTH_MAX = 8;

/** Arguments that the tool's JSON schema accepts, as far as plain types go: what a real client needs in order to go on. */
export function toolArguments(schema: unknown, depth = 0): unknown {
  const parsed = Schema.safeParse(schema);
  if (!parsed.success || depth > DEPTH_MAX) return {};
  const { type, enum: choices, properties = {}, required = [], items } = parsed.data;
  if (choices && choices.length > 0) return choices[0];
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return 'notes.txt';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return [toolArguments(items, depth + 1)];
    case 'object':
    case undefined:
    default:
      return Object.fromEntries(
        required.map((name) => [name, toolArguments(properties[name], depth + 1)]),
      );
  }
}
