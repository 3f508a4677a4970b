// What agents send: a long system prompt, tools, and a conversation that grows by a call of a tool and its result.

const words = 'const found = files.filter((file) => file.path.endsWith(".ts")); // "quoted"\n';
const textOf = (characters: number): string =>
  words.repeat(Math.ceil(characters / words.length)).slice(0, characters);

const tools = ['read_file', 'write_file', 'run_command', 'search'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: textOf(200),
    parameters: {
      type: 'object',
      properties: { path: { type: 'string', description: textOf(80) } },
      required: ['path'],
    },
  },
}));

const turn = (index: number, characters: number) => [
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: `call_${index}`,
        type: 'function',
        function: { name: 'read_file', arguments: JSON.stringify({ path: `src/${index}.ts` }) },
      },
    ],
  },
  { role: 'tool', tool_call_id: `call_${index}`, content: textOf(characters) },
];

/** Of one tool's result. */
const RESULT_CHARACTERS = 2_000;

type Chat = { readonly model: string; readonly stream: boolean; readonly bytes: number };

/** About as many bytes as asked for; the least is a plain question. */
export function agentBody({ model, stream, bytes }: Chat): string {
  const question = { role: 'user', content: 'What does this project do?' };
  const bare = { model, stream, messages: [question] };
  if (JSON.stringify(bare).length >= bytes) return JSON.stringify(bare);
  const system = { role: 'system', content: textOf(Math.min(20_000, bytes / 4)) };
  const messages: unknown[] = [system, question];
  const chat = { ...bare, tools, messages };
  const perTurn = JSON.stringify(turn(0, RESULT_CHARACTERS)).length;
  const turns = Math.floor((bytes - JSON.stringify(chat).length) / perTurn);
  for (let index = 0; index < turns; index += 1) messages.push(...turn(index, RESULT_CHARACTERS));
  return JSON.stringify(chat);
}
