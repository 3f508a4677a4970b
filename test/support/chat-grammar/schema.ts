import { ChatRequest$outboundSchema } from '@openrouter/sdk/models/chatrequest';
import { z } from 'zod';

/** A part of a JSON schema, in the vocabulary that zod writes. */
export type SchemaNode = {
  readonly type?: string | readonly string[] | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
  readonly allOf?: readonly SchemaNode[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
};

const SchemaNode: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(SchemaNode).optional(),
    allOf: z.array(SchemaNode).optional(),
    items: SchemaNode.optional(),
    properties: z.record(z.string(), SchemaNode).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), SchemaNode]).optional(),
  }),
);

/** The SDK spells fields in camel case; the API in snake case. */
export const wireName = (name: string): string => name.replaceAll(/[A-Z]/g, '_$&').toLowerCase();

/** OpenRouter's chat request, as the schema of its own SDK has it. Field names are the SDK's. */
export const chatSchema: SchemaNode = SchemaNode.parse(
  z.toJSONSchema(ChatRequest$outboundSchema, { io: 'input', unrepresentable: 'any' }),
);

/** Every field below a node, as the API spells it: `plugins[].pdf.engine`. Lists and unions share the path of their parts. */
export function fieldPathsOf(node: SchemaNode, path = ''): ReadonlySet<string> {
  const { anyOf = [], allOf = [], items, properties = {} } = node;
  const paths = [...anyOf, ...allOf].flatMap((part) => [...fieldPathsOf(part, path)]);
  if (items) paths.push(...fieldPathsOf(items, `${path}[]`));
  for (const [name, field] of Object.entries(properties)) {
    const own = path === '' ? wireName(name) : `${path}.${wireName(name)}`;
    paths.push(own, ...fieldPathsOf(field, own));
  }
  return new Set(paths);
}
