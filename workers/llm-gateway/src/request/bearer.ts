/** Everything after `Bearer `, in any case, not trimmed: a token with blanks round it has never been valid. */
export const bearerOf = (header: string | null): string | null =>
  header !== null && /^bearer /i.test(header) ? header.slice('bearer '.length) : null;
