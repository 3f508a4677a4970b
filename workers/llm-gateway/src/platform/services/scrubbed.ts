type Scrubber = {
  readonly next: (bytes: Uint8Array) => Uint8Array;
  readonly end: () => Uint8Array;
};

const REPLACED = '[redacted]';
/** Shorter ones are no secrets, and would tear words apart. */
const SECRET_CHARACTERS_MIN = 8;

/**
 * Takes secrets out of bytes that come in pieces, wherever a piece ends. It holds back only what may be the beginning of one.
 * Text is compared byte by byte (as Latin-1), so that no character is torn.
 */
export function scrubber(secrets: readonly string[]): Scrubber {
  const found = secretForms(secrets);
  let held = '';
  const scrub = (text: string): string =>
    found.reduce((rest, secret) => rest.replaceAll(secret, REPLACED), text);
  return {
    next(bytes) {
      const text = scrub(held + latin1Of(bytes));
      const heldLength = beginningAtEnd(text, found);
      held = text.slice(text.length - heldLength);
      return bytesOf(text.slice(0, text.length - heldLength));
    },
    end: () => bytesOf(held),
  };
}

/** An answer without these secrets, as they are or as JSON writes them. Its length may change: no header tells it any more. */
export function scrubbed(response: Response, secrets: readonly string[]): Response {
  const { status, statusText } = response;
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return response;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.delete('content-encoding');
  return new Response(scrubbedBody(body, secrets), { status, statusText, headers });
}

function scrubbedBody(
  body: ReadableStream<Uint8Array>,
  secrets: readonly string[],
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const { next, end } = scrubber(secrets);
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        const bytes = done ? end() : next(value);
        if (bytes.byteLength > 0) controller.enqueue(bytes);
        if (done) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        if (bytes.byteLength > 0) return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** The longest first: one may be a part of another. */
const secretForms = (secrets: readonly string[]): readonly string[] =>
  [
    ...new Set(
      secrets
        .filter(({ length }) => length >= SECRET_CHARACTERS_MIN)
        .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
        .map((form) => latin1Of(new TextEncoder().encode(form))),
    ),
  ].toSorted((one, other) => other.length - one.length);

/** How many characters at the end of a text may be the beginning of a secret. */
function beginningAtEnd(text: string, secrets: readonly string[]): number {
  const lengthMax = Math.min(text.length, (secrets[0]?.length ?? 1) - 1);
  for (let length = lengthMax; length > 0; length -= 1) {
    const end = text.slice(text.length - length);
    if (secrets.some((secret) => secret.length > length && secret.startsWith(end))) return length;
  }
  return 0;
}

/** Each byte as the character of its number. */
function latin1Of(bytes: Uint8Array): string {
  const PIECE = 8192;
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return text;
}
const bytesOf = (latin1: string): Uint8Array =>
  Uint8Array.from(latin1, (character) => character.charCodeAt(0));
