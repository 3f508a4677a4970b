import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Workers that stand in the place of o11y, each with a way of its own to take metrics. */
export function o11yStandIns() {
  const folder = mkdtempSync(join(tmpdir(), 'o11y-stand-ins-'));
  return {
    /** Returns its file. */
    write(name: string, ingest: string): string {
      const file = join(folder, `${name}.js`);
      const source = `import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
export class AlertConfigDO extends DurableObject {}
export class EmbeddedMetrics extends DurableObject {}
export default class extends WorkerEntrypoint {
  scheduled() {}
  ${ingest}
}`;
      writeFileSync(file, source);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
