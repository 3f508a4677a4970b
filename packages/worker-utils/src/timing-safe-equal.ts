const encoder = new TextEncoder();

/**
 * Compares two secrets in a time that depends on their lengths alone. Both are hashed first, so that neither the
 * place of the first difference nor a difference in length shows.
 */
export async function timingSafeEqual(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([digestOf(left), digestOf(right)]);
  return a.reduce((difference, byte, index) => difference | (byte ^ (b[index] ?? 0)), 0) === 0;
}

const digestOf = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
