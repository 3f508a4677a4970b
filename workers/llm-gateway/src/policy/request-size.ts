import { type ChatRequest, isRecord, messagesOf, numberIn } from '../request/chat-request.ts';

/** How much a request may make a model read and write, whatever its texts say. */
export type RequestSize = {
  /**
   * All bytes but those of images: the tokenizers of today make at most one token of a byte of text, and the JSON around a text is
   * longer than what a model's template adds to it.
   */
  readonly textBytes: number;
  readonly images: number;
  readonly files: number;
  readonly hasAudio: boolean;
  /** It holds what may be of any length, whatever its bytes: a file, a video, something by its address. */
  readonly isUnbounded: boolean;
  readonly isCachedForAnHour: boolean;
  readonly hasTools: boolean;
  /** Tokens an answer may have at most. Null: as many as its model can write. */
  readonly outputTokensMax: number | null;
  /** Tokens that are written beside the answer, and may not count as such. */
  readonly extraOutputTokens: number;
  readonly writesAudio: boolean;
  readonly writesImages: boolean;
  /** Answers. */
  readonly choices: number;
};

/** @param bodyBytes of the request as it was sent, decoded. */
export function requestSizeOf(chat: ChatRequest, bodyBytes: number): RequestSize {
  const messages = messagesOf(chat);
  const parts = messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.filter(isRecord) : [],
  );
  const kinds = parts.map(kindOf);
  const imageBytes = parts.reduce(
    (sum, part, at) => sum + (kinds[at] === 'image' ? imageBytesIn(part) : 0),
    0,
  );
  const tools: readonly unknown[] = Array.isArray(chat['tools']) ? chat['tools'] : [];
  const modalities: readonly unknown[] = Array.isArray(chat['modalities'])
    ? chat['modalities']
    : [];
  return {
    textBytes: Math.max(0, bodyBytes - imageBytes),
    images: kinds.filter((kind) => kind === 'image').length,
    files: kinds.filter((kind) => kind === 'file').length,
    hasAudio: kinds.includes('audio'),
    isUnbounded:
      kinds.includes('file') ||
      kinds.includes('unknown') ||
      // An audio of an earlier answer, by its id.
      messages.some(({ audio }) => isRecord(audio)),
    isCachedForAnHour: [chat, ...messages, ...parts, ...tools].some(isForAnHour),
    hasTools: tools.length > 0 || Array.isArray(chat['functions']),
    outputTokensMax: outputTokensMaxIn(chat),
    extraOutputTokens: reasoningTokensIn(chat) + predictedBytesIn(chat, bodyBytes),
    writesAudio: modalities.includes('audio'),
    writesImages: modalities.includes('image'),
    choices: Math.max(1, choicesIn(chat['n'])),
  };
}

type Part = Readonly<Record<string, unknown>>;
type Kind = 'text' | 'image' | 'audio' | 'file' | 'unknown';

function kindOf(part: Part): Kind {
  switch (part['type']) {
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'thinking':
    case 'redacted_thinking':
      return 'text';
    case 'image_url':
    case 'input_image':
      return 'image';
    case 'input_audio':
      return isAudioData(part['input_audio']) ? 'audio' : 'unknown';
    case 'file':
    case 'input_file':
      return 'file';
    default:
      return 'unknown';
  }
}

/** Of audio, a second has at most 32 tokens, and no fewer bytes than that. */
const isAudioData = (audio: unknown): boolean =>
  isRecord(audio) && typeof audio['data'] === 'string' && !/^\s*\w+:\/\//.test(audio['data']);

const IMAGE_DATA = /^data:image\/[\w.+-]+;base64,/i;

/** What an image costs depends on its size in pixels, not on its bytes. */
function imageBytesIn({ image_url: image }: Part): number {
  const url = isRecord(image) ? image['url'] : image;
  return typeof url === 'string' && IMAGE_DATA.test(url) ? url.length : 0;
}

/** Anthropic's longer cache is dearer to write to. */
const isForAnHour = (part: unknown): boolean =>
  isRecord(part) && isRecord(part['cache_control']) && part['cache_control']['ttl'] === '1h';

/** The larger of both limits. One that is no limit may not be one upstream either: then none is believed. */
function outputTokensMaxIn(chat: ChatRequest): number | null {
  const limits = [chat['max_tokens'], chat['max_completion_tokens']].filter(
    (limit) => limit !== undefined && limit !== null,
  );
  const valid = limits.filter(
    (limit) => typeof limit === 'number' && Number.isFinite(limit) && limit > 0,
  );
  if (limits.length === 0 || valid.length < limits.length) return null;
  return Math.ceil(Math.max(...valid.map(numberIn)));
}

/** OpenRouter lets Anthropic's models think so much at least, whatever the limit of the answer. */
const REASONING_TOKENS_MIN = 1024;

function reasoningTokensIn(chat: ChatRequest): number {
  const { reasoning } = chat;
  const budget = isRecord(reasoning) ? numberIn(reasoning['max_tokens']) : Number.NaN;
  if (budget > 0) return Math.max(budget, REASONING_TOKENS_MIN);
  return isRecord(reasoning) || typeof chat['reasoning_effort'] === 'string'
    ? REASONING_TOKENS_MIN
    : 0;
}

/** OpenAI charges for what was predicted and did not come as for what was written. */
const predictedBytesIn = (chat: ChatRequest, bodyBytes: number): number =>
  isRecord(chat['prediction']) ? bodyBytes : 0;

/** Of what is no number, one answer comes. */
const choicesIn = (n: unknown): number => {
  const choices = numberIn(n);
  return Number.isNaN(choices) ? 1 : Math.ceil(choices);
};
