/** The provider's id for the answer. The header carries it before the body starts. */
export const generationIdIn = (headers: Headers): string | null => headers.get('x-generation-id');
