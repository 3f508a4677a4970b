import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingsOf } from './deploy-check/checks.ts';
import { deployedWorkers } from './deploy-check/deployed-workers.ts';
import { WranglerFailed } from '../workerd/wrangler.ts';

// `npm run deploy:check`: what would be deployed, and what of it would be wrong. Without CLOUDFLARE_API_TOKEN nobody is asked.

const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-deploy-'));
try {
  const findings = findingsOf(await deployedWorkers(folder, process.env));
  for (const { worker, check, verdict, detail } of findings) {
    console.log(`${worker.padEnd(15)} ${check.padEnd(14)} ${verdict.padEnd(6)} ${detail}`);
  }
  const count = (verdict: string): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  console.log(`${count('ok')} ok, ${count('open')} open, ${count('WRONG')} wrong.`);
  process.exitCode = count('WRONG') === 0 ? 0 : 1;
} catch (cause) {
  if (!(cause instanceof WranglerFailed)) throw cause;
  console.error(`A dry run failed.\n${cause.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
