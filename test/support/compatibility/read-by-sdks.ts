import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { HTTPClient, OpenRouter } from '@openrouter/sdk';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';

// What published SDKs make of an answer, given to them byte for byte as the gateway sent it.

type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether a stream was asked for: an SDK reads what it has asked for. */
  readonly isStreamed: boolean;
};
/** The text of a whole answer, or the words of the error that was raised or told. */
type Reading = { readonly said: string } | { readonly failed: string };
type Reader = (answer: Answer) => Promise<Reading>;

const MODEL = 'maker/model';
const messages = [{ role: 'user' as const, content: 'Hello' }];

const sending =
  ({ status, headers, text }: Answer) =>
  () =>
    Promise.resolve(new Response(text, { status, headers }));

const failed = (cause: unknown): Reading => ({
  failed: cause instanceof Error ? `${cause.name}: ${cause.message}` : JSON.stringify(cause),
});

const openai: Reader = async (answer) => {
  const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: sending(answer) });
  const { completions } = client.chat;
  try {
    if (!answer.isStreamed) {
      const { choices } = await completions.create({ model: MODEL, messages });
      return { said: choices[0]?.message.content ?? '' };
    }
    const stream = await completions.create({ model: MODEL, messages, stream: true });
    const chunks = await Array.fromAsync(stream);
    return { said: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('') };
  } catch (cause) {
    return failed(cause);
  }
};

const aiSdk: Reader = async (answer) => {
  const model = createOpenRouter({ apiKey: 'none', fetch: sending(answer) }).chat(MODEL);
  const asked = { model, prompt: 'Hello', maxRetries: 0 };
  try {
    if (!answer.isStreamed) return { said: (await generateText(asked)).text };
    const { fullStream } = streamText({ ...asked, onError: () => undefined });
    const parts = await Array.fromAsync(fullStream);
    const error = parts.find((part) => part.type === 'error');
    if (error) return failed(error.error);
    return { said: parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('') };
  } catch (cause) {
    return failed(cause);
  }
};

const openRouterSdk: Reader = async (answer) => {
  const client = new OpenRouter({
    apiKey: 'none',
    httpClient: new HTTPClient({ fetcher: sending(answer) }),
    retryConfig: { strategy: 'none' },
  });
  const chatRequest = { model: MODEL, messages };
  try {
    if (!answer.isStreamed) {
      const completion = await client.chat.send({ chatRequest: { ...chatRequest, stream: false } });
      if (!('choices' in completion)) throw new Error('It is a stream.');
      const { content } = completion.choices[0]?.message ?? {};
      return { said: typeof content === 'string' ? content : '' };
    }
    const stream = await client.chat.send({ chatRequest: { ...chatRequest, stream: true } });
    if ('choices' in stream) throw new Error('It is no stream.');
    const chunks = await Array.fromAsync(stream);
    const error = chunks.find((chunk) => chunk.error !== undefined)?.error;
    if (error) return failed(error);
    return { said: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('') };
  } catch (cause) {
    return failed(cause);
  }
};

export const readers = { openai, ai: aiSdk, '@openrouter/sdk': openRouterSdk } as const;

/** An SDK raises these where it can't make anything of what it got. */
export const UNREADABLE =
  /SyntaxError|JSONParseError|TypeValidationError|ValidationError|Unexpected token|not valid JSON|No output generated/;
