/** The only way out of this worker. */
export const post = async (url: string, init: RequestInit): Promise<Response> =>
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is the port that calls out.
  fetch(url, init);
