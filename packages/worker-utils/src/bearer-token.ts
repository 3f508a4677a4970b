/** The token of an `Authorization` header, or null. The scheme may be spelled in any case (RFC 9110, 11.1). */
export function bearerToken(header: string | null | undefined): string | null {
  return /^bearer +(?<token>\S+)$/i.exec(header ?? '')?.groups?.['token'] ?? null;
}
