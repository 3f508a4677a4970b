/** From OpenRouter's name of an inference provider, with or without a variant, to Vercel's. */
export function vercelProviderOf(name: string): string {
  const id = name.split('/', 1)[0]?.toLowerCase() ?? '';
  return names.get(id) ?? id;
}

const names: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'bedrock'],
  ['google-ai-studio', 'google'],
  ['google-vertex', 'vertex'],
  ['z-ai', 'zai'],
]);
