import { gitUrl } from './git-url.ts';
import type { Item } from './item.ts';

/** What a batch says of a session's row. An absent field says nothing; a null clears. */
export type SessionMetadata = {
  readonly title?: string | null;
  readonly parentId?: string | null;
  readonly platform?: string | null;
  readonly orgId?: string | null;
  readonly gitUrl?: string | null;
  readonly gitBranch?: string | null;
};

export function sessionMetadata(item: Item): SessionMetadata {
  if (item.type === 'session') {
    return {
      ...given('title', text(item.data['title'])),
      ...given('parentId', text(item.data['parentID'])),
    };
  }
  if (item.type !== 'kilo_meta') return {};
  const { platform, orgId, gitUrl: url, gitBranch } = item.data;
  return {
    ...given('platform', text(platform)),
    ...given('orgId', text(orgId)),
    ...given('gitUrl', url === undefined ? undefined : gitUrl(url)),
    ...given('gitBranch', text(gitBranch)),
  };
}

function given(name: keyof SessionMetadata, value: string | null | undefined): SessionMetadata {
  return value === undefined ? {} : { [name]: value };
}

/** Trimmed; empty is null; what is no text is not said. */
function text(value: unknown): string | null | undefined {
  if (value === null) return null;
  return typeof value === 'string' ? value.trim() || null : undefined;
}
