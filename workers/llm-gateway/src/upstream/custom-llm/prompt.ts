import type { LanguageModelV4Message } from '@ai-sdk/provider';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { z } from 'zod';
import { AssistantMessage, SystemMessage, ToolMessage, UserMessage } from './messages.ts';

export type Prompt = readonly LanguageModelV4Message[];
/** What is wrong with a request, and where, in words for the client. */
export type Unusable = string;

const Messages = z.array(
  z.discriminatedUnion('role', [SystemMessage, UserMessage, AssistantMessage, ToolMessage]),
);

/** A chat's messages as the SDK takes them; or why it can't, before anything is sent. */
export function promptOf(messages: unknown): Result<Prompt, Unusable> {
  const parsed = Messages.safeParse(messages);
  if (!parsed.success) return err(issueIn(parsed.error));
  const prompt = parsed.data.flat();
  const names = toolNamesIn(prompt);
  return ok(prompt.filter(saysSomething).map((message) => withToolNames(message, names)));
}

/** The deepest of the first issues: of a union's, only that of the form that was meant says what is wrong. */
function issueIn({ issues }: z.ZodError): Unusable {
  let [issue] = issues;
  const path = ['messages'];
  for (;;) {
    path.push(...(issue?.path ?? []).map(String));
    if (issue?.code !== 'invalid_union' || issue.errors.length === 0) break;
    issue = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]?.[0];
  }
  return `${path.join('.')}: ${issue?.message ?? 'Invalid input'}`;
}

const depthOf = (
  issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[],
) =>
  // An own message of ours says more than a type that does not fit.
  (issues[0]?.path.length ?? 0) + (issues[0]?.code === 'custom' ? 100 : 0);

/** A result says which call it answers, but not which tool was called. */
function toolNamesIn(prompt: Prompt): ReadonlyMap<string, string> {
  const calls = prompt.flatMap((message) =>
    message.role === 'assistant' ? message.content.filter((part) => part.type === 'tool-call') : [],
  );
  return new Map(calls.map(({ toolCallId, toolName }) => [toolCallId, toolName]));
}

function withToolNames(
  message: LanguageModelV4Message,
  names: ReadonlyMap<string, string>,
): LanguageModelV4Message {
  if (message.role !== 'tool') return message;
  const content = message.content.map((part) =>
    part.type === 'tool-result' ? { ...part, toolName: names.get(part.toolCallId) ?? '' } : part,
  );
  return { ...message, content };
}

/** Both protocols refuse a message without content. */
const saysSomething = ({ content }: LanguageModelV4Message): boolean => content.length > 0;
