// Not beside its tables: who only settles would otherwise carry the builder that describes them.

/** The kinds of lookup, in the order in which they are written: every writer takes its locks in this order. */
export const lookupKinds = [
  'auto_model',
  'editor_name',
  'feature',
  'finish_reason',
  'http_ip',
  'http_user_agent',
  'ja4_digest',
  'mode',
  'system_prompt_prefix',
  'vercel_ip_city',
  'vercel_ip_country',
] as const;
export type LookupKind = (typeof lookupKinds)[number];
