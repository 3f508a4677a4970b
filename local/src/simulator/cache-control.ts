import { z } from 'zod';

const BREAKPOINTS_MAX = 4;

const Marked = z.looseObject({
  role: z.string().optional(),
  content: z.unknown().optional(),
  function: z.unknown().optional(),
  cache_control: z.looseObject({ ttl: z.string().optional() }).nullish(),
});
const Markable = z.looseObject({
  tools: z.array(z.unknown()).catch([]),
  system: z.unknown().optional(),
  messages: z.array(z.unknown()).catch([]),
});

/** Why Anthropic would refuse the cache breakpoints of a request, in its words. Null: it would not. */
export function cacheControlFault(body: unknown): string | null {
  const lifetimes = lifetimesIn(body);
  if (lifetimes.length > BREAKPOINTS_MAX) {
    return `A maximum of ${BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${lifetimes.length}.`;
  }
  const short = lifetimes.indexOf('5m');
  return short !== -1 && lifetimes.includes('1h', short)
    ? "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."
    : null;
}

/** In the order in which Anthropic looks at them. Its own mark for the whole request comes last. */
function lifetimesIn(body: unknown): readonly string[] {
  const { data } = Markable.safeParse(body);
  if (!data) return [];
  const system = data.messages.filter(isSystem);
  const others = data.messages.filter((message) => !isSystem(message));
  const blocks = [
    data.tools,
    data.system,
    system,
    others,
    { cache_control: data['cache_control'] },
  ];
  return blocks.flatMap(markedIn);
}

const isSystem = (message: unknown): boolean => Marked.safeParse(message).data?.role === 'system';

function markedIn(block: unknown): readonly string[] {
  if (Array.isArray(block)) return block.flatMap(markedIn);
  const { data } = Marked.safeParse(block);
  if (!data) return [];
  const inside = [data.function, data.content].flatMap(markedIn);
  return data.cache_control ? [...inside, data.cache_control.ttl ?? '5m'] : inside;
}
