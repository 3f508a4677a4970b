/** What the provider calls its answer, where the header says so: before any of the answer has come. */
export const generationIdIn = (headers: Headers): string | null => headers.get('x-generation-id');
