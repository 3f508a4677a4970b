import { clientVersionOf } from './client-version.ts';
import { projectIdOf } from './project-id.ts';

/** What a client reports about itself. Untrusted: used only to label rows and choose defaults. */
export type ClientHints = {
  readonly organization: string | null;
  readonly mode: string | null;
  readonly task: string | null;
  readonly feature: Feature | null;
  readonly project: string | null;
  readonly editor: string | null;
  readonly machine: string | null;
  readonly userAgent: string | null;
  /** As a number: see `versionNumberOf`. */
  readonly version: number | null;
};

const FEATURES = [
  'vscode-extension',
  'jetbrains-extension',
  'autocomplete',
  'parallel-agent',
  'managed-indexing',
  'cli',
  'cloud-agent',
  'code-review',
  'auto-triage',
  'autofix',
  'app-builder',
  'agent-manager',
  'security-agent',
  'slack',
  'webhook',
  'kilo-claw',
  'direct-gateway',
] as const;
type Feature = (typeof FEATURES)[number];

const CHARACTERS_MAX = 500;

export function clientHintsOf(headers: Headers, door: ApiFlavor): ClientHints {
  const label = (name: string) => labelOf(headers.get(name));
  return {
    organization: headers.get('x-kilocode-organizationid') || null,
    mode: label('x-kilocode-mode'),
    task: label('x-kilocode-taskid'),
    feature: featureOf(headers.get('x-kilocode-feature'), door),
    project: projectIdOf(headers.get('x-kilocode-projectid')),
    editor: label('x-kilocode-editorname'),
    machine: label('x-kilocode-machineid'),
    userAgent: headers.get('user-agent'),
    version: clientVersionOf(headers),
  };
}

/** The path prefix of the request. */
export type ApiFlavor = 'openrouter' | 'gateway' | 'v1';

function featureOf(header: string | null, door: ApiFlavor): Feature | null {
  // Without the header it is a direct API client, except on the older prefix, where old extensions never send it.
  if (header === null) return door === 'openrouter' ? null : 'direct-gateway';
  const name = header.trim().toLowerCase();
  return FEATURES.find((feature) => feature === name) ?? null;
}

const labelOf = (header: string | null): string | null =>
  header?.slice(0, CHARACTERS_MAX).trim() || null;
