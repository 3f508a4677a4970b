const PLACES_MAX = 3;

/**
 * Where an error was thrown: frames of its stack, and nothing else. Its message may hold what it failed on (a row, a URL,
 * a key), and may have lines that look like frames.
 */
export function errorLocationOf({ stack = '', message }: Error): readonly string[] {
  const begin = message === '' ? -1 : stack.indexOf(message);
  const frames = begin < 0 ? stack : stack.slice(begin + message.length);
  return frames
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, PLACES_MAX);
}
