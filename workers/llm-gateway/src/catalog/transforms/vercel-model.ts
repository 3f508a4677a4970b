import type { TransformContext } from './transform.ts';

/** The id by which Vercel's gateway knows a model. */
export function vercelModelOf({
  resolved,
  sponsored,
}: Pick<TransformContext, 'resolved' | 'sponsored'>): string {
  const renamed = renamedModels.get(resolved);
  if (renamed !== undefined) return renamed;
  const isOurs = sponsored?.state === 'offered' && sponsored.provider === 'openrouter';
  const id = isOurs ? sponsored.upstreamId : resolved;
  // The open-weight models are not served by their maker.
  if (id.startsWith('openai/gpt-oss')) return id;
  const [maker = '', ...name] = id.split('/');
  return name.length === 0 ? id : [makers.get(maker) ?? maker, ...name].join('/');
}

const renamedModels: ReadonlyMap<string, string> = new Map([
  ['arcee-ai/trinity-large-preview:free', 'arcee-ai/trinity-large-preview'],
  ['mistralai/codestral-2508', 'mistral/codestral'],
  ['mistralai/devstral-2512', 'mistral/devstral-2'],
]);

/** The makers that Vercel names otherwise than OpenRouter. */
const makers: ReadonlyMap<string, string> = new Map([
  ['mistralai', 'mistral'],
  ['qwen', 'alibaba'],
  ['x-ai', 'xai'],
  ['z-ai', 'zai'],
]);
