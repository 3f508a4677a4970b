/** A file inside a URL. */
export type DataUrl = { readonly mediaType: string; readonly base64: string };

const FORM = /^data:(?<mediaType>[^;,]+)(?:;[^;,]*)*;base64,(?<base64>[A-Za-z0-9+/]+=*)$/i;

/** Null for any other URL, and for data that is not base64. */
export function dataUrlOf(url: string): DataUrl | null {
  const { mediaType, base64 } = FORM.exec(url)?.groups ?? {};
  return mediaType && base64 ? { mediaType: mediaType.toLowerCase(), base64 } : null;
}

/** A URL to pass on: the endpoint fetches it, never the gateway. */
export function webUrlOf(url: string): URL | null {
  const parsed = URL.parse(url);
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed : null;
}
