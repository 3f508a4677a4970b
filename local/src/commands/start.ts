import { CannotStart } from '../cannot-start.ts';
import { portOf, mayMigrate } from '../stack/environment.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { runUntilTold, type Told } from '../stack/wait-for-output.ts';

// `npm start`: the whole stack, until it is told to stop.

const environment = process.env;
const folder = environment['LOCAL_DIRECTORY'] || '.local';
const say = (line: string) => console.log(line);

async function main({ signal, toldToStop }: Told): Promise<void> {
  const databaseUrl = databaseUrlOf(environment['DATABASE_URL']);
  const stack = await startStack({
    folder,
    port: portOf(environment),
    environment,
    ...(databaseUrl !== null && { databaseUrl }),
    isDurable: true,
    say,
    signal,
  });
  say(welcome(stack));
  await toldToStop;
  say('Stopping: running requests may end first …');
  await stack.stop();
}

function databaseUrlOf(text: string | undefined): string | null {
  if (!text) return null;
  if (!URL.canParse(text)) throw new CannotStart('DATABASE_URL is not a URL.');
  if (!mayMigrate(new URL(text), environment)) {
    throw new CannotStart(
      'DATABASE_URL is not on this machine. Set MIGRATE=yes to let the gateway prepare it.',
    );
  }
  return text;
}

const welcome = ({ url, tokens, upstreams, ...stack }: Stack): string => `
The gateway is ready at ${url}
Metrics and alerts (o11y): ${stack.o11yUrl}; sessions of the CLI (session-ingest): ${stack.sessionIngestUrl}
It talks to
${Object.entries(upstreams)
  .map(([provider, target]) => `  ${provider}: ${target}`)
  .join('\n')}
Tokens of ${Object.keys(tokens).join(', ')}: ${folder}/running.json, or \`npm run -s token -- --user <id>\`
Admin tokens: ${folder}/running.json

Ask as alice, who has $10:

  curl -N ${url}/api/openrouter/chat/completions \\
    -H 'Authorization: Bearer ${tokens['alice']}' \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"anthropic/claude-sonnet-4.6","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ask without an account, a free model:

  curl -N ${url}/api/openrouter/chat/completions \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"minimax/minimax-m2.5:free","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ctrl-C stops it. What it has written stays in ${folder}/ (the workers' log: ${folder}/logs/workers.log).`;

await runUntilTold(main);
