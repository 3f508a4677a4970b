import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const Media = z.record(z.string(), z.object({ schema: z.looseObject({}) }));
const Operation = z.looseObject({
  summary: z.string().min(1),
  security: z.array(z.looseObject({})).min(1),
  parameters: z
    .array(
      z.union([
        z.object({
          name: z.string(),
          in: z.literal('path'),
          required: z.literal(true),
          schema: z.looseObject({}),
        }),
        z.object({
          name: z.literal('Idempotency-Key'),
          in: z.literal('header'),
          schema: z.looseObject({ type: z.literal('string'), pattern: z.string() }),
        }),
      ]),
    )
    .default([]),
  requestBody: z.object({ required: z.boolean(), content: Media }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().min(1), content: Media })),
});
const Document = z.object({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.partialRecord(z.enum(['get', 'post']), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

const documented = async () => {
  const response = await fetch(`${world.url}/api/openapi.json`);
  expect(response.status).toBe(200);
  return Document.parse(await response.json());
};

test('what is documented is served, and answers with a documented status', async () => {
  const { paths } = await documented();
  const { alice = '' } = world.tokens;
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(served.length).toBeGreaterThan(15);
  for (const { path, method, operation } of served) {
    for (const token of [null, alice]) {
      const response = await fetch(`${world.url}${path.replace(/\{\w+\}/, crypto.randomUUID())}`, {
        method: method.toUpperCase(),
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }) },
        ...(method === 'post' && { body: '{}' }),
      });
      await response.text();
      const isUserOnly = operation.security.length === 1;
      expect({ path, isDocumented: String(response.status) in operation.responses }).toEqual({
        path,
        isDocumented: true,
      });
      expect({ path, is401: response.status === 401 }).toEqual({
        path,
        is401: isUserOnly && (token === null || path.includes('{')),
      });
    }
  }
});

test('the lists of models have the schema that the code answers with', async () => {
  const { paths, components } = await documented();
  const schema =
    paths['/api/v1/models']?.get?.responses['200']?.content['application/json']?.schema;
  expect(schema).toHaveProperty('properties.data.items.properties.context_length.type', 'integer');
  expect(schema).toHaveProperty(
    'properties.data.items.required',
    expect.arrayContaining(['id', 'name', 'context_length', 'pricing', 'links']),
  );
  expect(components.schemas).toHaveProperty('Error');
});

test('the key that makes a request safe to repeat is described where it holds: at chats', async () => {
  const { paths } = await documented();
  const keyed = Object.entries(paths).flatMap(([path, { post }]) =>
    post?.parameters.some((parameter) => parameter.in === 'header') ? [path] : [],
  );
  expect(keyed).toEqual(
    ['openrouter', 'gateway', 'v1'].map((name) => `/api/${name}/chat/completions`),
  );
  for (const path of keyed) expect(paths[path]?.post?.responses).toHaveProperty('409');
});
