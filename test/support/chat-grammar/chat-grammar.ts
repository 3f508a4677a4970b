import fc from 'fast-check';
import { chatSchema, type SchemaNode, wireName } from './schema.ts';
import { junk, number, plainText, texts, tokenCount } from './values.ts';

type Values = fc.Arbitrary<unknown>;
const LIST_ITEMS_MAX = 3;

/** Values that a node of the schema describes, spelled as the API does. */
function valuesOf(node: SchemaNode, field: string): Values {
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.anyOf) return fc.oneof(...node.anyOf.map((part) => valuesOf(part, field)));
  if (node.allOf) {
    const parts = node.allOf.map((part) => valuesOf(part, field));
    return fc
      .tuple(...parts)
      .map((values) =>
        Object.fromEntries(values.flatMap((value) => Object.entries(fieldsOf(value)))),
      );
  }
  const types = node.type === undefined ? [] : [node.type].flat();
  if (types.length === 0) return junk;
  return fc.oneof(...types.map((type) => valuesOfType(type, node, field)));
}

function valuesOfType(type: string, node: SchemaNode, field: string): Values {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'string':
      return texts[field] ?? plainText;
    case 'integer':
    case 'number':
      return field.includes('tokens') ? tokenCount : number;
    case 'array':
      return fc.array(valuesOf(node.items ?? {}, field), { maxLength: LIST_ITEMS_MAX });
    case 'object':
      return objectsOf(node, field);
    default:
      throw new Error(`The grammar knows no type "${type}".`);
  }
}

function objectsOf(node: SchemaNode, field: string): Values {
  const { properties, required = [], additionalProperties } = node;
  if (properties) {
    const fields = Object.entries(properties).map(
      ([name, part]) => [wireName(name), valuesOf(part, wireName(name))] as const,
    );
    return fc.record(Object.fromEntries(fields), { requiredKeys: required.map(wireName) });
  }
  const values =
    typeof additionalProperties === 'object' ? valuesOf(additionalProperties, field) : plainText;
  const keys = fc.constantFrom('a', 'model', 'engine', 'max_results');
  return fc.dictionary(keys, values, { maxKeys: 2 });
}

const fieldsOf = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {};

/** Every top-level field of OpenRouter's schema, by its name in the API. */
export const documentedFields: ReadonlyMap<string, Values> = new Map(
  Object.entries(chatSchema.properties ?? {}).map(([name, node]) => [
    wireName(name),
    valuesOf(node, wireName(name)),
  ]),
);

/** What clients, other providers and OpenRouter's older versions know beside the schema. */
const undocumentedFields: ReadonlyMap<string, Values> = new Map<string, Values>([
  ['preset', texts['preset'] ?? plainText],
  ['web_search_options', fc.record({ search_context_size: fc.constantFrom('low', 'high') })],
  ['search_parameters', fc.record({ mode: fc.constantFrom('on', 'off', 'auto') })],
  ['speed', fc.constantFrom('fast', 'standard')],
  ['n', fc.constantFrom(1, 2, 8, '8', 1e9, -8)],
  ['best_of', number],
  ['prompt', plainText],
  ['route', fc.constantFrom('fallback', 'sort')],
  ['transforms', fc.constantFrom(['middle-out'], [])],
  ['usage', fc.record({ include: fc.boolean() })],
  ['include_reasoning', fc.boolean()],
  ['verbosity', fc.constantFrom('low', 'high')],
  ['audio', fc.record({ voice: fc.constant('alloy'), format: fc.constant('mp3') })],
  ['providerOptions', fc.record({ gateway: fc.record({ only: fc.array(texts['only'] ?? junk) }) })],
  ['extra_body', fc.record({ models: fc.array(texts['models'] ?? junk) })],
  ['fallbacks', fc.array(texts['models'] ?? junk)],
]);

/** These cost money, or choose who answers. */
const WEIGHTY =
  /^(?:plugins|tools|tool_choice|models|provider|service_tier|modalities|n|preset|web_search_options|speed)$/;
/** Made apart, for every request. */
const APART = new Set(['model', 'messages', 'stream', 'max_tokens']);

function firstOf(value: unknown): unknown {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items[0];
}

/** Now and then in a form that an upstream may forgive, and a rule may overlook. */
const disguised = (values: Values): Values =>
  fc.oneof(
    { arbitrary: values, weight: 12 },
    { arbitrary: values.map((value) => [value]), weight: 1 },
    { arbitrary: values.map(firstOf), weight: 1 },
    { arbitrary: junk, weight: 1 },
  );

const sometimes = (name: string, values: Values): Values =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: WEIGHTY.test(name) ? 7 : 24 },
    { arbitrary: disguised(values), weight: 1 },
  );

const optionalFields = fc.record(
  Object.fromEntries(
    [...documentedFields, ...undocumentedFields]
      .filter(([name]) => !APART.has(name))
      .map(([name, values]) => [name, sometimes(name, values)]),
  ),
);

/**
 * Chat requests for one of the models: a few fields each, of all that OpenRouter's schema has and some that it has not. A field
 * that is undefined is not there.
 */
export const chatsFor = (models: fc.Arbitrary<string>) =>
  fc
    .record({
      model: models,
      stream: fc.boolean(),
      max_tokens: fc.oneof(tokenCount, fc.constant(undefined)),
      messages: fc.oneof(
        { arbitrary: fc.constant([]), weight: 2 },
        { arbitrary: documentedFields.get('messages') ?? fc.constant([]), weight: 1 },
      ),
      optional: optionalFields,
    })
    .map(({ optional, messages, ...rest }) => ({
      ...optional,
      ...rest,
      messages: Array.isArray(messages) ? messages : [],
    }));
