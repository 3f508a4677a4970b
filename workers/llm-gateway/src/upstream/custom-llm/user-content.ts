import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import { z } from 'zod';
import { dataUrlOf, webUrlOf } from './data-url.ts';
import { cacheOptions } from './provider-options.ts';

const cache_control = z.unknown().optional();
export const TextPart = z.object({ type: z.literal('text'), text: z.string(), cache_control });

const ImagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.union([
    z.string().transform((url) => ({ url, detail: undefined })),
    z.object({
      url: z.string(),
      detail: z.enum(['auto', 'low', 'high']).optional().catch(undefined),
    }),
  ]),
  cache_control,
});
const FilePart = z.object({
  type: z.literal('file'),
  file: z.object({ file_data: z.string(), filename: z.string().nullish() }),
  cache_control,
});
const AudioPart = z.object({
  type: z.literal('input_audio'),
  input_audio: z.object({ data: z.base64(), format: z.string() }),
  cache_control,
});
export const MediaPart = z.discriminatedUnion('type', [ImagePart, FilePart, AudioPart]);
export type MediaPart = z.infer<typeof MediaPart>;

type Sent = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** A part of a user's message: text, or what is seen or heard. What can't be handed on is refused, not left out. */
export const UserPart = z
  .discriminatedUnion('type', [TextPart, ImagePart, FilePart, AudioPart])
  .transform((part, context): Sent => {
    if (part.type === 'text') return { type: 'text', text: part.text, ...cacheOptions(part) };
    const file = fileOf(part);
    if (file) return { ...file, ...cacheOptions(part) };
    context.addIssue('This is neither a data URL in base64 nor a web URL of this kind of file.');
    return z.NEVER;
  });

/** Null where it is neither the file itself nor a URL at which the endpoint could fetch it. */
export function fileOf(part: MediaPart): LanguageModelV4FilePart | null {
  switch (part.type) {
    case 'image_url': {
      const { url, detail } = part.image_url;
      const image = inlineFile(url) ?? remoteFile(url, 'image/*');
      const options = detail && { providerOptions: { openai: { imageDetail: detail } } };
      return image && { ...image, ...options };
    }
    case 'file': {
      const { file_data: data, filename } = part.file;
      // Of all files that are no images, both protocols fetch only these.
      const file = inlineFile(data) ?? (isPdf(data) ? remoteFile(data, 'application/pdf') : null);
      return file && { ...file, ...(filename && { filename }) };
    }
    case 'input_audio': {
      const { data, format } = part.input_audio;
      return { type: 'file', mediaType: audioTypeOf(format), data: { type: 'data', data } };
    }
  }
}

function inlineFile(url: string): LanguageModelV4FilePart | null {
  const data = dataUrlOf(url);
  return (
    data && {
      type: 'file',
      mediaType: data.mediaType,
      data: { type: 'data', data: data.base64 },
    }
  );
}

function remoteFile(url: string, mediaType: string): LanguageModelV4FilePart | null {
  const web = webUrlOf(url);
  return web && { type: 'file', mediaType, data: { type: 'url', url: web } };
}

const isPdf = (url: string): boolean =>
  webUrlOf(url)?.pathname.toLowerCase().endsWith('.pdf') === true;

const AUDIO_TYPES = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['aiff', 'audio/aiff'],
  ['aac', 'audio/aac'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['m4a', 'audio/mp4'],
  ['pcm16', 'audio/pcm'],
  ['pcm24', 'audio/pcm'],
]);
const audioTypeOf = (format: string): string =>
  AUDIO_TYPES.get(format) ?? 'application/octet-stream';
