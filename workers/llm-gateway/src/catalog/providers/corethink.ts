import type { Transform } from '../transforms/transform.ts';
import { withMessages } from '../transforms/messages.ts';
import { without } from '../transforms/without.ts';
import { defineProvider } from './provider.ts';

/** It refuses a field that it does not know. */
const withoutUnknownFields: Transform = ({ chat, headers }) => ({
  headers,
  chat: withMessages(
    without(chat, ['transforms', 'prompt_cache_key', 'safety_identifier', 'description', 'usage']),
    (message) => without(message, ['reasoning', 'reasoning_details']),
  ),
});

export const corethink = defineProvider({
  id: 'corethink',
  baseUrl: 'CORETHINK_BASE_URL',
  key: 'CORETHINK_API_KEY',
  hashPepper: 'corethink',
  hasGenerations: false,
  tariff: null,
  transforms: [withoutUnknownFields],
});
