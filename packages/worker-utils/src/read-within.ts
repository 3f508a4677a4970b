import { BODY_BYTES_MAX } from './body-limits.ts';
import { joinBytes } from './bytes.ts';

/** A body that is too large is still read to here: a client that is cut off while it writes never sees why. */
const DISCARDED_BYTES_MAX = 4 * BODY_BYTES_MAX;

/** The whole body, or null where it has more bytes than may be. */
export async function readWithin(request: Request, bytesMax: number): Promise<Uint8Array | null> {
  const body: ReadableStream<Uint8Array> | null = request.body;
  if (!body) return new Uint8Array();
  // HTTP ends a body where it was declared to end. Read in one piece it costs a fraction of what it does in small ones.
  if (declaredBytes(request) <= bytesMax) return new Uint8Array(await request.arrayBuffer());

  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > DISCARDED_BYTES_MAX) break;
    if (length <= bytesMax) chunks.push(chunk);
  }
  return length > bytesMax ? null : joinBytes(chunks);
}

export type BodyText = { readonly text: string; readonly bodyBytes: number };

const utf8 = new TextDecoder();

/** The same as text. Where its length is declared, JavaScript never holds its bytes: of a large body they are a third. */
export async function readTextWithin(request: Request, bytesMax: number): Promise<BodyText | null> {
  const declared = declaredBytes(request);
  if (declared <= bytesMax) return { text: await request.text(), bodyBytes: declared };
  const bytes = await readWithin(request, bytesMax);
  return bytes && { text: utf8.decode(bytes), bodyBytes: bytes.byteLength };
}

const declaredBytes = ({ headers }: Request): number =>
  Number(headers.get('content-length') ?? Number.NaN);
