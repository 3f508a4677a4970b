import { expect, test } from 'vitest';
import { ModelId, modelBase, OrganizationId } from './ids.ts';

test.each([
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  'F47AC10B-58CC-4372-A567-0E02B2C3D479',
  'f47ac10b-58CC-4372-a567-0e02b2c3d479',
])('%s is the id of one organisation, however it is spelled', (text) => {
  expect(OrganizationId.parse(text)).toBe('f47ac10b-58cc-4372-a567-0e02b2c3d479');
});

test.each([
  'Acme',
  '',
  ' ',
  'random-text',
  'f47ac10b-58cc-4372-a567',
  'f47ac10b58cc4372a5670e02b2c3d479',
  'g47ac10b-58cc-4372-a567-0e02b2c3d479',
  ' f47ac10b-58cc-4372-a567-0e02b2c3d479',
  `f47ac10b-58cc-4372-a567-0e02b2c3d479' or '1'='1`,
  null,
  undefined,
  42,
])('%j is the id of no organisation', (value) => {
  expect(OrganizationId.safeParse(value).success).toBe(false);
});

test('a model is known by its id without blanks and in lower case, and its base ends at the first colon', () => {
  const id = ModelId.parse(' X-AI/Grok-Code-Fast-1:Optimized:Free\n');
  expect(id).toBe('x-ai/grok-code-fast-1:optimized:free');
  expect(modelBase(id)).toBe('x-ai/grok-code-fast-1');
  expect(modelBase(ModelId.parse(':free'))).toBe('');
  expect(ModelId.safeParse('  ').success).toBe(false);
});
