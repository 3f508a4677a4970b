import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from './client.ts';
import { textsIn } from './events.ts';
import { installed } from './installed.ts';
import { launch } from './program-run.ts';

/** opencode, with the gateway as an OpenAI-compatible provider, or in the place of its own `openrouter`. */
export async function opencode(provider: 'gateway' | 'openrouter' = 'gateway'): Promise<Client> {
  const { file, version } = await installed({
    name: 'opencode',
    command: 'opencode',
    scripted: 'opencode-ai',
  });
  return {
    name: 'opencode',
    version,
    said: textsIn,
    computer({ url, token }) {
      const folder = mkdtempSync(join(tmpdir(), 'opencode-test-'));
      return {
        folder,
        begin(input, model) {
          const config = configOf({ provider, url, token, model });
          writeFileSync(join(folder, 'opencode.json'), JSON.stringify(config));
          return launch({
            file,
            args: ['run', '--format', 'json', '-m', `${provider}/${model}`],
            folder,
            environment: { HOME: folder, OPENCODE_DISABLE_MODELS_FETCH: '1' },
            input,
          });
        },
        async remove() {
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

type Wanted = {
  readonly provider: string;
  readonly url: string;
  readonly token: string | null;
  readonly model: string;
};

const configOf = ({ provider, url, token, model }: Wanted) => ({
  autoupdate: false,
  share: 'disabled',
  provider: {
    [provider]: {
      ...(provider === 'gateway' && { npm: '@ai-sdk/openai-compatible' }),
      options: { baseURL: `${url}/api/openrouter`, apiKey: token ?? 'anonymous' },
      models: { [model]: {} },
    },
  },
});
