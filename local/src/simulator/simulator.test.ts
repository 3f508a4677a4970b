import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { bodyOf } from './body-of.ts';
import { identityOf } from './identity.ts';
import type { Delivered } from './log.ts';
import { ChatRequest } from './request.ts';
import { type Simulator, startSimulator } from './server.ts';
import {
  ask,
  chatBody,
  chunksOf,
  Completion,
  contentOf,
  dataOf,
  post,
  rawExchange,
  textUntil,
  unread,
} from './test-client.ts';
import { expectedUsage } from './usage.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const last = (): Delivered => {
  const entry = simulator.log().at(-1);
  if (!entry) throw new Error('nothing was delivered');
  return entry;
};

const completionOf = (text: string) => Completion.parse(JSON.parse(text));

describe('an answer', () => {
  it('is streamed as OpenRouter streams: comments, deltas, an end, the usage, [DONE]', async () => {
    const { status, headers, text } = await ask(simulator, 'sim/answer~tokens=3');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('x-generation-id')).toBe(last().generationId);
    expect(headers.get('x-ratelimit-limit')).not.toBeNull();
    expect(text).toMatch(/^: OPENROUTER PROCESSING\n\n/);
    const events = chunksOf(text);
    expect(events).toHaveLength(5);
    expect(events[0]).toMatchObject({
      id: last().generationId,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: null, logprobs: null }],
    });
    expect(events[3]?.choices[0]?.finish_reason).toBe('stop');
    expect(dataOf(text).at(-1)).toBe('[DONE]');
  });

  it('costs what anybody can work out beforehand, and says so in stream, log and generation', async () => {
    const { text } = await ask(simulator, 'anthropic/claude-opus-4.6');
    const body = ChatRequest.parse(JSON.parse(chatBody('anthropic/claude-opus-4.6')));
    const usage = expectedUsage(body, 12);
    expect(usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 12, cost: 0.00033 });
    expect(chunksOf(text).at(-1)?.usage).toEqual(usage);
    expect(last()).toMatchObject({ usage, cost: 0.00033, ending: 'complete', tokens: 12 });
    const generation = await fetch(`${simulator.url}/generation?id=${last().generationId}`);
    expect(await generation.json()).toMatchObject({
      data: {
        id: last().generationId,
        total_cost: 0.00033,
        native_tokens_prompt: 6,
        native_tokens_completion: 12,
        is_byok: false,
        streamed: true,
        cancelled: false,
        finish_reason: 'stop',
      },
    });
  });

  it('tells its usage in a stream only if it was asked, and in JSON always', async () => {
    const quiet = await ask(simulator, 'sim/answer', { usage: undefined });
    expect(quiet.text).not.toContain('"usage"');
    const asked = await ask(simulator, 'sim/answer', {
      usage: undefined,
      stream_options: { include_usage: true },
    });
    expect(asked.text).toContain('"usage"');
    const whole = await ask(simulator, 'sim/answer', { usage: undefined, stream: false });
    expect(completionOf(whole.text).usage).toMatchObject({ completion_tokens: 12 });
  });

  it('is padded with blank lines when it is one piece of JSON', async () => {
    const { text, headers } = await ask(simulator, 'sim/answer', { stream: false });
    expect(headers.get('content-type')).toBe('application/json');
    expect(text).toMatch(/^\n +\n/);
    expect(completionOf(text).choices[0]?.finish_reason).toBe('stop');
  });

  it('is free where the id ends with :free', async () => {
    await ask(simulator, 'anthropic/claude-opus-4.6:free');
    expect(last()).toMatchObject({ cost: 0, tokens: 12 });
  });

  it('stops at max_tokens', async () => {
    const { text } = await ask(simulator, 'sim/answer', { max_tokens: 4 });
    expect(last().tokens).toBe(4);
    expect(text).toContain('"finish_reason":"length"');
  });

  it('goes on from a begun answer, so that both halves make the whole', async () => {
    const whole = contentOf((await ask(simulator, 'sim/answer~tokens=9')).text);
    const begun = contentOf((await ask(simulator, 'sim/cut~after=4~of=9')).text);
    const messages = [
      { role: 'user', content: 'Tell me.' },
      { role: 'assistant', content: begun },
    ];
    const rest = contentOf((await ask(simulator, 'sim/cut~after=9~of=9', { messages })).text);
    expect(begun + rest).toBe(whole);
    expect(last().tokens).toBe(5);
    expect((await ask(simulator, 'sim/prefill', { messages })).status).toBe(400);
    const spaced = [{ role: 'assistant', content: 'a ' }];
    const strict = await ask(simulator, 'sim/answer~prefill=strict', { messages: spaced });
    expect(strict.status).toBe(400);
  });
});

describe('tools and reasoning', () => {
  const tools = [
    {
      type: 'function',
      function: {
        name: 'readFile',
        parameters: {
          type: 'object',
          properties: { path: { type: 'string' }, lines: { type: 'integer' } },
          required: ['path', 'lines'],
        },
      },
    },
  ];

  it('calls an offered tool in pieces, and answers once it has the result', async () => {
    const { text } = await ask(simulator, 'sim/tool~tool=readfile', { tools });
    const deltas = chunksOf(text).flatMap((event) => event.choices[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'readFile' } });
    const pieces = deltas.map((delta) => delta.function.arguments);
    expect(pieces.length).toBeGreaterThan(2);
    expect(JSON.parse(pieces.join(''))).toEqual({ path: 'notes.txt', lines: 1 });
    expect(text).toContain('"finish_reason":"tool_calls"');
    const found = await fetch(`${simulator.url}/generation?id=${last().generationId}`);
    expect(await found.json()).toMatchObject({ data: { finish_reason: 'tool_calls' } });
    const answered = await ask(simulator, 'sim/tool', {
      tools,
      messages: [
        { role: 'user', content: 'Read.' },
        { role: 'assistant', content: null, tool_calls: [] },
        { role: 'tool', tool_call_id: deltas[0]?.id, content: 'the text' },
      ],
    });
    expect(answered.text).toContain('"finish_reason":"stop"');
  });

  it('calls several tools with the very arguments that the scenario spells in hex', async () => {
    const args = Buffer.from('{"path":"Ä.txt"}').toString('hex');
    const { text } = await ask(simulator, `sim/tool~calls=2~args=${args}`, {
      tools,
      stream: false,
    });
    const calls = completionOf(text).choices[0]?.message.tool_calls;
    expect(calls).toHaveLength(2);
    expect(calls?.[1]?.function.arguments).toBe('{"path":"Ä.txt"}');
  });

  it.each([
    ['details', '"signature":'],
    ['encrypted', '"type":"reasoning.encrypted"'],
    ['summary', '"type":"reasoning.summary"'],
    ['content', '"reasoning_content":'],
  ])('reasons in the form %s and counts it', async (as, sign) => {
    for (const stream of [true, false]) {
      const { text } = await ask(simulator, `sim/reasoning~reasoning-as=${as}`, { stream });
      expect(text).toContain(sign);
      expect(last().usage).toMatchObject({
        completion_tokens: 20,
        completion_tokens_details: { reasoning_tokens: 8 },
      });
    }
  });
});

describe('bytes', () => {
  it('are known beforehand to whoever knows the seed', async () => {
    const model = 'sim/answer~seed=5~text=multibyte~crlf~ids~comments=1';
    const { text } = await ask(simulator, model);
    const body = ChatRequest.parse(JSON.parse(chatBody(model)));
    expect(text).toBe(bodyOf({ body, ...identityOf(5, 1) }).toString());
    expect(text).toContain('\r\n\r\n');
    expect(text).toContain('id: 1\r\n');
  });

  it('can be had again from an entry of the log', async () => {
    for (const stream of [true, false]) {
      const { text } = await ask(simulator, 'sim/answer~text=code', { stream });
      expect(text).toBe(bodyOf(last()).toString());
      expect(last().bytesWritten).toBe(Buffer.byteLength(text));
    }
  });

  it('leave one at a time where the scenario says so, splitting characters', async () => {
    const model = 'sim/answer~tokens=2~text=multibyte~cut=1';
    const raw = await rawExchange(simulator, chatBody(model));
    const body = raw.subarray(raw.indexOf('\r\n\r\n') + 4).toString('latin1');
    const chunks = [...body.matchAll(/1\r\n([^])\r\n/g)].map((match) => match[1]).join('');
    expect(Buffer.from(chunks, 'latin1')).toEqual(bodyOf(last()));
  });

  it('are as many megabytes as asked for', async () => {
    await ask(simulator, 'sim/huge~mb=3');
    expect(last().bytesWritten).toBeGreaterThan(3 * 1024 * 1024);
    expect(last().ending).toBe('complete');
  });
});

const raw = (model: string): Promise<Buffer> => rawExchange(simulator, chatBody(model));

describe('a fault', () => {
  it('cut at a byte leaves exactly so many bytes, however the connection ends', async () => {
    for (const end of ['clean', 'fin', 'reset']) {
      await raw(`sim/cut~at=333~end=${end}`);
      expect(bodyOf(last())).toHaveLength(333);
      expect(last().bytesWritten).toBe(333);
    }
    expect(simulator.log().map(({ ending }) => ending)).toEqual(['cut', 'cut', 'reset']);
  });

  it('cut is a clean end of the body, or a broken one, or just the end of the connection', async () => {
    expect((await raw('sim/cut~after=2')).toString()).toMatch(/\r\n0\r\n\r\n$/);
    expect((await raw('sim/cut~after=2~end=fin')).toString()).not.toMatch(/\r\n0\r\n\r\n$/);
    const close = (await raw('sim/cut~after=2~end=fin~framing=close')).toString();
    expect(close).not.toContain('transfer-encoding');
    expect(close.endsWith('\n\n')).toBe(true);
    expect(simulator.log().map(({ tokens }) => tokens)).toEqual([2, 2, 2]);
  });

  it('is charged for what was generated until then', async () => {
    await raw('sim/cut~after=2~end=fin');
    const { body, usage, cost } = last();
    if (!body) throw new Error('the body was not kept');
    expect(usage).toEqual(expectedUsage(body, 2));
    expect(cost).toBe(0.000048);
  });

  it('cut in JSON leaves half an answer', async () => {
    const { text } = await ask(simulator, 'sim/cut', { stream: false });
    expect(() => completionOf(text)).toThrow(SyntaxError);
    expect(text.trimStart()).toMatch(/^\{"id"/);
  });

  it('reset before the headers delivers nothing and charges nothing', async () => {
    await expect(ask(simulator, 'sim/reset')).rejects.toThrow('fetch failed');
    expect(last()).toMatchObject({ status: 0, bytesWritten: 0, cost: 0, ending: 'reset' });
  });

  it('reset in the answer breaks the transfer after what came before it', async () => {
    const received = await raw('sim/reset~after=3');
    expect(received.toString().match(/chat\.completion\.chunk/g)).toHaveLength(3);
    expect(last()).toMatchObject({ tokens: 3, ending: 'reset' });
  });

  it('stall ends, goes on, or lasts until the client has enough', async () => {
    await ask(simulator, 'sim/stall~after=1~ms=1~then=clean');
    expect(last()).toMatchObject({ tokens: 1, ending: 'stalled' });
    await ask(simulator, 'sim/stall~after=1~ms=1~then=resume');
    expect(last()).toMatchObject({ tokens: 12, ending: 'complete' });
    const leaving = new AbortController();
    const body = chatBody('sim/stall~after=1');
    const response = await post(`${simulator.url}/chat/completions`, body, {
      signal: leaving.signal,
    });
    leaving.abort();
    await expect(response.text()).rejects.toThrow('aborted');
    expect(await simulator.ended(3)).toMatchObject({ tokens: 1, ending: 'client-left' });
  });

  it.each([
    ['no-done', /"usage":\{.*\n\n$/],
    ['no-usage', /"finish_reason":"stop"[^\n]*\n\ndata: \[DONE\]\n\n$/],
    ['answer~done=no~unterminated', /\}$/],
    ['null~after=1', /\n\ndata: null\n\n/],
    ['malformed~after=1~what=text', /\n\ndata: this is not JSON\n\n/],
    ['malformed~after=1~what=empty', /\n\ndata: \n\n/],
    ['error', /^: OPENROUTER PROCESSING\n\n(: .*\n\n)?data: \{"error":.*"user_id":"org_.*\n\n$/],
    ['error~after=2~shape=chunk~code=502', /"finish_reason":"error".*"code":502/],
    ['comments~n=2~ms=1~then=clean', /^(: OPENROUTER PROCESSING\n\n){4}$/],
    ['usage~cost=none~byok=none', /"reasoning_tokens":0\},"cost_details"/],
    ['usage~cost=overflow', /"cost":1e999/],
    ['usage~cost=-1', /"cost":-1,/],
    ['usage~cost=5000~byok=null', /"cost":5000,"is_byok":null/],
    ['usage~usage-in=finish', /"finish_reason":"stop".*"usage":\{.*\n\ndata: \[DONE\]\n\n$/],
    ['usage~usage-in=empty', /"choices":\[\],"usage":\{/],
    ['answer~escape~text=multibyte~tokens=30', /\\u[\da-f]{4}/],
    ['answer~bom', /^\uFEFF: /],
    ['vercel', /"provider_metadata":\{"gateway":\{"routing":\{.*"finalProvider"/],
  ])('%s stands in the stream as it should', async (scenario, pattern) => {
    const { status, text } = await ask(simulator, `sim/${scenario}`);
    expect(status).toBe(200);
    // The decoder of fetch takes a byte order mark away.
    const sent = bodyOf(last()).toString();
    expect(sent).toMatch(pattern);
    expect(sent.replace(/^\uFEFF/, '')).toBe(text);
  });

  it('no-finish leaves out every reason to end', async () => {
    const { text } = await ask(simulator, 'sim/no-finish');
    expect(chunksOf(text).every((event) => event.choices[0]?.finish_reason === null)).toBe(true);
    expect(text).toContain('[DONE]');
  });

  it.each([
    ['status~code=429~retry-after=2', 429, /"code":429/],
    ['html', 502, /^<html>/],
    ['empty', 200, /^$/],
    ['bad-json', 200, /^not-json\{$/],
    ['context-length', 400, /maximum context length is 200000 tokens/],
    ['content-policy', 400, /"message":"Provider returned error".*"user_id":"org_/],
  ])('%s answers with its status and charges nothing', async (scenario, code, pattern) => {
    const { status, text } = await ask(simulator, `sim/${scenario}`);
    expect(status).toBe(code);
    expect(text).toMatch(pattern);
    expect(last()).toMatchObject({ ending: 'error', status: code, usage: null, cost: 0 });
  });

  it('is over after its times, at its base, and counted for each tag', async () => {
    const statuses = [];
    for (const tag of ['a', 'a', 'b']) {
      statuses.push(await ask(simulator, `sim/status~code=503~times=1~tag=${tag}`));
    }
    expect(statuses.map(({ status }) => status)).toEqual([503, 200, 503]);
    const elsewhere = await post(
      `${simulator.urlOf('vercel')}/chat/completions`,
      chatBody('sim/status~on=api'),
    );
    expect(elsewhere.status).toBe(200);
  });

  it('says with a date when to come again', async () => {
    const { headers } = await ask(simulator, 'sim/status~code=503~retry-date=30');
    const date = Date.parse(headers.get('retry-after') ?? '');
    expect(Math.abs(date - Date.now() - 30_000)).toBeLessThan(5000);
  });

  it('is refused where nobody knows it, or it could not be played', async () => {
    expect((await ask(simulator, 'sim/answr')).status).toBe(400);
    expect((await ask(simulator, 'sim/answer~tokns=3')).status).toBe(400);
    expect((await ask(simulator, 'sim/cut~after=x')).status).toBe(400);
  });
});

const ModelList = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      context_length: z.number(),
      pricing: z.looseObject({ prompt: z.string() }),
      links: z.object({ details: z.string() }),
    }),
  ),
  links: z.object({ next: z.null() }),
  total_count: z.number(),
});

const Log = z.object({ delivered: z.array(z.looseObject({ status: z.number() })) });

describe('the house', () => {
  it('knows what our own key was charged', async () => {
    const { text } = await ask(simulator, 'sim/usage~byok=yes~upstream=0.02');
    expect(chunksOf(text).at(-1)?.usage).toMatchObject({ cost: 0.001, is_byok: true });
    expect(last().cost).toBe(0.02);
  });

  it('finds a generation only after so many looks, and only once it has ended', async () => {
    await ask(simulator, 'sim/answer~looks=2~looks-code=500~looked-cost=0.5');
    const url = `${simulator.url}/generation?id=${last().generationId}`;
    expect((await fetch(url)).status).toBe(500);
    expect((await fetch(url)).status).toBe(500);
    expect(await (await fetch(url)).json()).toMatchObject({ data: { total_cost: 0.5 } });
    expect(simulator.looks().map(({ status }) => status)).toEqual([500, 500, 200]);
    expect((await fetch(`${simulator.url}/generation?id=gen-none`)).status).toBe(404);
  });

  it('asks for its key, and logs who had none', async () => {
    const locked = await startSimulator({ apiKey: 'right' });
    const url = `${locked.url}/chat/completions`;
    const body = chatBody('sim/answer~tokens=1');
    expect((await post(url, body)).status).toBe(401);
    const headers = { authorization: 'Bearer right' };
    expect((await post(url, body, { headers })).status).toBe(200);
    expect((await fetch(`${locked.url}/generation?id=x`)).status).toBe(401);
    expect(locked.log().map(({ status }) => status)).toEqual([401, 200]);
    await locked.close();
  });

  it('refuses what is no chat request, and does not know other paths', async () => {
    const url = `${simulator.url}/chat/completions`;
    expect((await post(url, '{')).status).toBe(400);
    expect((await post(url, '{"model":"a/b"}')).status).toBe(400);
    expect((await fetch(`${simulator.url}/credits`)).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
  });

  it('lists its models as the newest clients want them', async () => {
    const list = ModelList.parse(await (await fetch(`${simulator.url}/models`)).json());
    expect(list.total_count).toBe(list.data.length);
    expect(list.links).toEqual({ next: null });
    for (const model of list.data) {
      expect(model.pricing.prompt).toMatch(/^(-1|0|0\.\d+)$/);
      expect(model.links.details).toContain(model.id);
    }
  });

  it('lets another process read and clear the log, and order an outage', async () => {
    const order = (value: object): Promise<Response> =>
      post(`${simulator.origin}/scenario`, JSON.stringify(value));
    expect((await order({ scenario: 'nonsense' })).status).toBe(400);
    await order({ scenario: 'status~code=503', requests: 1, base: 'api' });
    expect((await ask(simulator, 'openai/gpt-5.2')).status).toBe(503);
    expect((await ask(simulator, 'openai/gpt-5.2')).status).toBe(200);
    await order({ scenario: 'status~code=500', seconds: 60 });
    expect((await ask(simulator, 'openai/gpt-5.2')).status).toBe(500);
    await order({ scenario: null });
    expect((await ask(simulator, 'openai/gpt-5.2')).status).toBe(200);
    const log = Log.parse(await (await fetch(`${simulator.origin}/log`)).json());
    expect(log.delivered.map(({ status }) => status)).toEqual([503, 200, 500, 200]);
    await post(`${simulator.origin}/log/reset`, '');
    expect(simulator.log()).toEqual([]);
  });

  it('takes a scenario from a header before any other', async () => {
    const response = await post(`${simulator.url}/chat/completions`, chatBody('sim/answer'), {
      headers: { 'x-simulator-scenario': 'status~code=418' },
    });
    expect(response.status).toBe(418);
  });

  it('notices at once that a client left, charges what it got, and knows it as cancelled', async () => {
    const leaving = new AbortController();
    const response = await post(
      `${simulator.url}/chat/completions`,
      chatBody('sim/answer~tokens=1000~delay=60000'),
      { signal: leaving.signal },
    );
    await textUntil(response, 'data: ');
    leaving.abort();
    const entry = await simulator.ended(1);
    expect(entry).toMatchObject({ ending: 'client-left', tokens: 1 });
    expect(entry.cost).toBe(0.000033);
    const found = await fetch(`${simulator.url}/generation?id=${entry.generationId}`);
    expect(await found.json()).toMatchObject({ data: { cancelled: true, total_cost: 0.000033 } });
  });

  it.each(['never', 'slow-headers~headers=600000'])(
    'charges nothing to who leaves before the headers (%s)',
    async (scenario) => {
      const leaving = new AbortController();
      const asked = post(`${simulator.url}/chat/completions`, chatBody(`sim/${scenario}`), {
        signal: leaving.signal,
      });
      await vi.waitUntil(() => simulator.log().length === 1);
      leaving.abort();
      await expect(asked).rejects.toThrow('aborted');
      expect(await simulator.ended(1)).toMatchObject({
        ending: 'client-left',
        status: 0,
        usage: null,
        cost: 0,
      });
    },
  );

  it('waits for a client that does not read, and notices when it leaves', async () => {
    const socket = await unread(simulator, chatBody('sim/huge~mb=64'));
    socket.resetAndDestroy();
    const entry = await simulator.ended(1);
    expect(entry.ending).toBe('client-left');
    expect(entry.bytesWritten).toBeLessThan(64 * 1024 * 1024);
  });

  it('holds hundreds of slow streams at once', async () => {
    const leaving = new AbortController();
    const streams = 300;
    await Promise.all(
      Array.from({ length: streams }, () =>
        post(`${simulator.url}/chat/completions`, chatBody('sim/slow-first~first=600000'), {
          signal: leaving.signal,
        }),
      ),
    );
    expect(simulator.log().filter(({ ending }) => ending === 'open')).toHaveLength(streams);
    leaving.abort();
    await Promise.all(simulator.log().map(({ sequence }) => simulator.ended(sequence)));
    expect(simulator.log().every(({ ending }) => ending === 'client-left')).toBe(true);
  });
});
