import { z } from 'zod';
import { ChatRequest } from '../../request/chat-request.ts';
import { IdempotencyKey } from '../../request/idempotency-key.ts';
import { FimRequest } from '../../request/fim-request.ts';
import type { Endpoint } from './endpoint.ts';

type Described = Pick<Endpoint<never>, 'paths' | 'summary' | 'readers' | 'answer'>;
type Schema = Readonly<Record<string, unknown>>;

/** OpenRouter's shape, and both of the older ones. */
const ErrorBody = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({ message: z.string(), code: z.union([z.string(), z.int()]).optional() }),
  ]),
  message: z.string().optional(),
});

/** OpenAPI 3.1 of what is served, made of what is served: the schemas are those that the code reads and answers with. */
export const openApiDocument = (endpoints: readonly Described[]): Schema => ({
  openapi: '3.1.0',
  info: {
    title: 'LLM gateway',
    version: '1',
    description: 'An OpenRouter-compatible gateway for coding agents.',
  },
  paths: Object.fromEntries([
    ...COMPLETIONS.map((completion) => [completion.path, { post: postOf(completion) }] as const),
    ...endpoints.flatMap((endpoint) =>
      endpoint.paths.map((path) => [path, { get: getOf(endpoint, path) }] as const),
    ),
  ]),
  components: {
    schemas: { Error: schemaOf(ErrorBody) },
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  },
});

type Completion = {
  readonly path: `/${string}`;
  readonly summary: string;
  readonly request: z.ZodType;
  /** Whether one that is sent again under the same key is answered once. */
  readonly isKeyed: boolean;
};

const chat = {
  summary: 'A chat completion, as OpenRouter answers it; further fields are passed on',
  request: ChatRequest,
  isKeyed: true,
} as const;
const COMPLETIONS: readonly Completion[] = [
  { path: '/api/openrouter/chat/completions', ...chat },
  { path: '/api/gateway/chat/completions', ...chat },
  { path: '/api/v1/chat/completions', ...chat },
  {
    path: '/api/fim/completions',
    summary: 'What belongs between a prompt and a suffix, by a model that completes code',
    request: FimRequest,
    isKeyed: false,
  },
];

const IDEMPOTENCY_KEY: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'With a token: requests with the same key and body get one answer, made and charged once, for a day',
  schema: schemaOf(IdempotencyKey, 'input'),
};

const postOf = ({ summary, request, isKeyed }: Completion): Schema => ({
  summary,
  security: [{ token: [] }, {}],
  parameters: isKeyed ? [IDEMPOTENCY_KEY] : [],
  requestBody: { required: true, content: jsonOf(schemaOf(request, 'input')) },
  responses: {
    200: {
      description: 'The answer: whole, or event by event where `stream` asks for that',
      content: { ...jsonOf({ type: 'object' }), 'text/event-stream': { schema: {} } },
    },
    ...errors({
      400: 'The request can not be read, or not be served as it is',
      401: 'The token is not valid, or the model needs one',
      402: 'There is no credit left',
      404: 'There is no such model, or it is not allowed',
      ...(isKeyed && {
        409: 'The Idempotency-Key stands for another body, or for too long an answer',
      }),
      408: 'The body did not arrive in time',
      413: 'The body is too large',
      415: 'The body is encoded in a way that is not known',
      429: 'There are too many requests; `Retry-After` says when to come again',
      502: 'The provider can not be reached',
      503: 'The service is not available for a moment',
    }),
  },
});

const getOf = ({ summary, readers, answer }: Described, path: string): Schema => ({
  summary,
  security: readers === 'users' ? [{ token: [] }] : [{ token: [] }, {}],
  parameters: [...path.matchAll(/\{(?<name>\w+)\}/g)].map(({ groups }) => ({
    name: groups?.['name'],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  })),
  responses: {
    200: { description: summary, content: jsonOf(schemaOf(answer)) },
    ...errors({ 401: 'The token is not valid', 503: 'What is asked for can not be read now' }),
  },
});

const errors = (described: Readonly<Record<number, string>>): Schema =>
  Object.fromEntries(
    Object.entries(described).map(([status, description]) => [
      status,
      { description, content: jsonOf({ $ref: '#/components/schemas/Error' }) },
    ]),
  );

const jsonOf = (schema: Schema) => ({ 'application/json': { schema } });

function schemaOf(type: z.ZodType, io: 'input' | 'output' = 'output'): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io });
  return schema;
}
