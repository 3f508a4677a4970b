import { z } from 'zod';

const link = z.string().nullable().catch(null);

/** Who runs models behind the upstream. Only its name and its slug are certain. */
const ProviderEntry = z.object({
  name: z.string().min(1),
  slug: z.string().min(1),
  privacy_policy_url: link,
  terms_of_service_url: link,
  status_page_url: link,
  headquarters: link,
  datacenters: z.array(z.string()).nullable().catch(null),
});
export type ProviderEntry = z.infer<typeof ProviderEntry>;

export const ProviderList = z.object({ data: z.array(ProviderEntry) });

/** One that is not well takes no other with it. */
export const providerEntries = (listed: readonly unknown[]): readonly ProviderEntry[] =>
  listed.flatMap((entry) => ProviderEntry.safeParse(entry).data ?? []);
