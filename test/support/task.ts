import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Leaves something to do in a folder, for a client whose model plays the task `todo`; then it says whether it was done. */
export function leaveTask(folder: string): () => void {
  const word = randomUUID();
  writeFileSync(join(folder, 'notes.txt'), `A list.\nTODO: ${word}\n`);
  return () => {
    expect(readFileSync(join(folder, 'done.txt'), 'utf8').trim()).toBe(word);
  };
}
