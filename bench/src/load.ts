import { Agent, request } from 'node:http';

/** One request, as a target wants it. */
export type Asked = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export type Load = {
  readonly url: string;
  /** So many wait for their answers at once. */
  readonly clients: number;
  /** Whether a client asks once more, when so many have been asked by all of them. */
  readonly goesOn: (asked: number) => boolean;
  readonly ask: () => Asked | Promise<Asked>;
  /** What the end of a whole answer holds. */
  readonly end: string;
};

export type Answers = {
  readonly firstByteMs: readonly number[];
  readonly totalMs: readonly number[];
  readonly failures: readonly string[];
};

type Answer = { readonly firstByteMs: number; readonly totalMs: number };

export async function load({ url, clients, goesOn, ask, end }: Load): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answers: Answer[] = [];
  const failures: string[] = [];
  let asked = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      asked += 1;
      try {
        answers.push(await answer({ url, agent, asked: await ask(), end }));
      } catch (cause) {
        failures.push(String(cause));
      }
      if (!goesOn(asked)) return;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return {
    firstByteMs: answers.map(({ firstByteMs }) => firstByteMs),
    totalMs: answers.map(({ totalMs }) => totalMs),
    failures,
  };
}

type Question = {
  readonly url: string;
  readonly agent: Agent;
  readonly asked: Asked;
  readonly end: string;
};

const ANSWER_MS_MAX = 60_000;
/** Enough of an answer's last bytes to find its end in. */
const TAIL_CHARACTERS = 4_096;

const answer = ({ url, agent, asked, end }: Question): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const sent = request(url, {
      method: 'POST',
      agent,
      timeout: ANSWER_MS_MAX,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(asked.body),
        ...asked.headers,
      },
    });
    sent.once('response', (response) => {
      let firstByteMs = Number.NaN;
      let tail = '';
      response.on('data', (bytes: Buffer) => {
        if (tail === '') firstByteMs = performance.now() - begun;
        tail = (tail + bytes.toString('latin1')).slice(-TAIL_CHARACTERS);
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200 && tail.includes(end)) {
          resolve({ firstByteMs, totalMs: performance.now() - begun });
        } else {
          reject(new Error(`${response.statusCode}: ${tail.slice(-200)}`));
        }
      });
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(asked.body);
  });
