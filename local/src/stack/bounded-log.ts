import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';

export type BoundedLog = { readonly write: (line: string) => void; readonly close: () => void };

/** Lines in a file. When it is full, it becomes `<file>.old`, in place of the one before: never more than twice the bound. */
export function boundedLog(file: string, bytesMax: number): BoundedLog {
  let bytes = existsSync(file) ? statSync(file).size : 0;
  let stream = open(file);
  return {
    write(line) {
      if (bytes >= bytesMax) {
        stream.end();
        // The stream opens its file only after a moment: there may be none yet.
        if (existsSync(file)) renameSync(file, `${file}.old`);
        stream = open(file);
        bytes = 0;
      }
      bytes += Buffer.byteLength(line) + 1;
      stream.write(`${line}\n`);
    },
    close: () => stream.end(),
  };
}

function open(file: string): WriteStream {
  const stream = createWriteStream(file, { flags: 'a' });
  // A full disk must not end the stack: what is lost is its log.
  stream.on('error', () => undefined);
  return stream;
}
