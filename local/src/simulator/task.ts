import { z } from 'zod';
import { type ChatRequest, resultsOf, type Tool, toolsOf } from './request.ts';
import { toolArguments } from './tool-arguments.ts';

// A model that works: it calls the tools that the client itself offers, a call a turn, until all of its task is done. Then it
// answers in words. The tasks are data; how a client names a tool and its arguments is read off what it offers.

type Step = {
  readonly tool: RegExp;
  /** The first whose name fits gives an argument its text; a pattern gives what it finds in the results so far. */
  readonly given: readonly (readonly [argument: RegExp, text: string | RegExp])[];
};

export const TaskName = z.enum(['todo']);
type TaskName = z.infer<typeof TaskName>;

const tasks: Readonly<Record<TaskName, readonly Step[]>> = {
  /** What `notes.txt` says is to be done is written to `done.txt`. */
  todo: [
    { tool: /^read(?:_files?)?$/i, given: [[/path/i, 'notes.txt']] },
    {
      tool: /^(?:write(?:_file)?|editor)$/i,
      given: [
        [/path/i, 'done.txt'],
        [/content|text/i, /TODO: (?<found>[\w -]+)/],
      ],
    },
  ],
};

/** The next call of a task; null where all is done, or where the client has no tool for it. */
export function nextCall(request: ChatRequest, task: TaskName): NextCall | null {
  const results = resultsOf(request);
  const step = tasks[task][results.length];
  const tool = step && toolsOf(request).find(({ function: { name } }) => step.tool.test(name));
  if (!step || !tool) return null;
  const wording = (property: string): string => {
    const [, text = ''] = step.given.find(([argument]) => argument.test(property)) ?? [];
    return typeof text === 'string' ? text : foundIn(results, text);
  };
  return { tool, arguments: toolArguments(tool.function.parameters, wording) };
}
type NextCall = { readonly tool: Tool; readonly arguments: unknown };

const foundIn = (results: readonly string[], pattern: RegExp): string =>
  pattern.exec(results.join('\n'))?.groups?.['found'] ?? '';
