import { z } from 'zod';

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
});

const DEPTH_MAX = 8;

/** What a property is given, where it takes a text. */
type Wording = (property: string) => string;
type Place = { readonly wording: Wording; readonly property: string; readonly depth: number };

/** Arguments that the tool's JSON schema accepts, as far as plain types go: what a real client needs in order to go on. */
export const toolArguments = (schema: unknown, wording: Wording = () => 'notes.txt'): unknown =>
  valueOf(schema, { wording, property: '', depth: 0 });

function valueOf(schema: unknown, place: Place): unknown {
  const parsed = Schema.safeParse(schema);
  const { wording, property, depth } = place;
  if (!parsed.success || depth > DEPTH_MAX) return {};
  const { type, enum: choices, properties = {}, required = [], items } = parsed.data;
  if (choices && choices.length > 0) return choices[0];
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return wording(property);
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return [valueOf(items, { ...place, depth: depth + 1 })];
    case 'object':
    case undefined:
    default:
      return Object.fromEntries(
        required.map((name) => [
          name,
          valueOf(properties[name], { wording, property: name, depth: depth + 1 }),
        ]),
      );
  }
}
