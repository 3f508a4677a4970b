const MEBIBYTE = 1024 * 1024;

// What is held of any upstream's answer, whether we chose the upstream or a tenant did.

/** Of a JSON answer, or of one event of a stream. A generated image is a few MiB of base64. */
export const HELD_BYTES_MAX = 16 * MEBIBYTE;
/** Of a stream that something collects: every token of the longest answers, each in an event of its own, is half of it. */
export const COLLECTED_STREAM_BYTES_MAX = 64 * MEBIBYTE;
/** What an upstream says of an error is short. Neither more is read, nor longer waited for. */
export const ERROR_BYTES_MAX = MEBIBYTE;
export const ERROR_MS_MAX = 20_000;
/** What an isolate holds of all JSON answers together. Cloudflare gives an isolate 128 MB. */
export const ANSWER_BUDGET_BYTES = 32 * MEBIBYTE;
/** The same for upstreams that tenants name: their answers must not take the place of the others'. */
export const TENANT_ANSWER_BUDGET_BYTES = 16 * MEBIBYTE;
