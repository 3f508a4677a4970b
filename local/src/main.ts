import { portOf, mayMigrate } from './environment.ts';
import { CannotStart, type Stack, startStack } from './stack.ts';

// `npm start`: the whole stack, until it is told to stop.

const environment = process.env;
const say = (line: string) => console.log(line);

async function main(): Promise<void> {
  const databaseUrl = environment['DATABASE_URL'];
  if (databaseUrl !== undefined && !mayMigrate(new URL(databaseUrl), environment)) {
    throw new CannotStart(
      'DATABASE_URL is not on this machine. Set MIGRATE=yes to let the gateway prepare it.',
    );
  }
  say('Starting Postgres, the provider simulator and the workers …');
  const stack = await startStack({
    folder: environment['LOCAL_DIRECTORY'] ?? '.local',
    port: portOf(environment),
    environment,
    ...(databaseUrl !== undefined && { databaseUrl }),
    isDurable: true,
    say,
  });
  say(welcome(stack));
  await toldToStop();
  say('Stopping …');
  await stack.stop();
}

/** By a signal, or because whoever started this has gone: the channel to it is closed. */
const toldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, () => resolve());
    if (process.send && !process.connected) resolve();
  });

const welcome = ({ url, tokens, upstreams }: Stack): string => `
The gateway is ready at ${url}
It talks to
${Object.entries(upstreams)
  .map(([provider, target]) => `  ${provider}: ${target}`)
  .join('\n')}
Tokens of ${Object.keys(tokens).join(', ')}: .local/running.json, or \`npm run -s token -- --user <id>\`

Ask as alice, who has $10:

  curl -N ${url}/api/openrouter/chat/completions \\
    -H 'Authorization: Bearer ${tokens['alice']}' \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"anthropic/claude-sonnet-4.6","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ask without an account, a free model:

  curl -N ${url}/api/openrouter/chat/completions \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"minimax/minimax-m2.5:free","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ctrl-C stops it. What it has written stays in .local/.`;

try {
  await main();
  process.exit(0);
} catch (cause) {
  console.error(cause instanceof CannotStart ? cause.message : cause);
  process.exit(1);
}
