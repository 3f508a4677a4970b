import type { Settings } from './settings.ts';
import { tokensOf } from './answer.ts';
import { namedEvent } from './event-script.ts';
import { type Exchange, isStreamed } from './exchange.ts';
import { interrupted, type Point } from './interrupted.ts';
import { byteAfter, jsonScript } from './json-script.ts';
import { messagesScript } from './messages-script.ts';
import { errorTypeOf, prefillRefusal, refusedScript } from './refused-script.ts';
import { responsesScript } from './responses-script.ts';
import { apart, sliced, writeSizes } from './sliced.ts';
import { chunkOf, sseScript } from './sse-script.ts';
import { bytesStep, type End, type Script, type Step } from './step.ts';
import { ACCOUNT_ID, eventWriter, headersOf } from './wire.ts';

/** Everything that the provider does for a request, from the first wait to the last byte. */
export function scriptOf(exchange: Exchange): Script {
  const script = prefillRefusal(exchange) ?? played(exchange);
  const { settings } = exchange.scenario;
  const sizes = writeSizes(settings);
  if (sizes) return sliced(script, sizes);
  return settings.apart ? apart(script) : script;
}

function played(exchange: Exchange): Script {
  const { behaviour, settings } = exchange.scenario;
  switch (behaviour) {
    case 'answer':
      return answerScript(exchange);
    case 'cut':
      return cutScript(exchange);
    case 'stall':
      return stallScript(exchange);
    case 'malformed':
      return interrupted(answerScript(exchange), {
        point: pointOf(exchange),
        steps: [bytesStep(malformedEvent(exchange))],
        resumes: true,
      });
    case 'error':
      return errorScript(exchange);
    case 'comments':
      return commentsScript(exchange);
    case 'never':
      return [
        ...(settings.ms === undefined ? [] : [{ kind: 'wait', ms: settings.ms } as const]),
        endBy(settings.then === 'resume' ? 'hang' : settings.then, 'stalled'),
      ];
    case 'flood':
      return floodScript(exchange);
    case 'status':
    case 'context-length':
    case 'content-policy':
      return refusedScript(exchange);
  }
}

function answerScript(exchange: Exchange): Script {
  if (!isStreamed(exchange)) return jsonScript(exchange);
  switch (exchange.protocol) {
    case 'chat':
      return sseScript(exchange);
    case 'messages':
      return messagesScript(exchange);
    case 'responses':
      return responsesScript(exchange);
  }
}

/** Half-way, where the scenario names no point. */
function pointOf(exchange: Exchange): Point {
  const { answer, scenario } = exchange;
  const { at, after } = scenario.settings;
  if (at !== undefined) return { kind: 'byte', at };
  const tokens = after ?? Math.floor(tokensOf(answer, scenario) / 2);
  return isStreamed(exchange)
    ? { kind: 'token', after: tokens }
    : { kind: 'byte', at: byteAfter(exchange, tokens) };
}

/** A reset throws away what the other side has not read yet: it gets this long to read it. */
const RESET_GRACE_MS = 20;

function endBy(how: End['how'], as: End['as']): Step {
  return { kind: 'end', how, as: how === 'reset' ? 'reset' : as };
}

const endings = (how: End['how'], as: End['as']): readonly Step[] =>
  how === 'reset' ? [{ kind: 'wait', ms: RESET_GRACE_MS }, endBy(how, as)] : [endBy(how, as)];

function cutScript(exchange: Exchange): Script {
  const { at, after, end = 'clean' } = exchange.scenario.settings;
  const isBeforeHead = end === 'reset' && at === undefined && after === undefined;
  if (isBeforeHead) return [endBy('reset', 'reset')];
  return interrupted(answerScript(exchange), {
    point: pointOf(exchange),
    steps: endings(end, 'cut'),
    resumes: false,
  });
}

const PAUSE_MS = 1000;

function stallScript(exchange: Exchange): Script {
  const { settings } = exchange.scenario;
  const { then, ms = PAUSE_MS } = settings;
  const resumes = then === 'resume';
  const pause = settings.alive ? commentSteps(settings) : stillSteps(then, ms);
  return interrupted(answerScript(exchange), {
    point: pointOf(exchange),
    steps: then === 'resume' ? pause : [...pause, ...endings(then, 'stalled')],
    resumes,
  });
}

const stillSteps = (then: Settings['then'], ms: number): readonly Step[] =>
  then === 'hang' ? [] : [{ kind: 'wait', ms }];

function commentSteps(settings: Settings): readonly Step[] {
  const { comment } = eventWriter(settings);
  const { n, ms = PAUSE_MS } = settings;
  return Array.from({ length: n }, () => [
    { kind: 'wait', ms } as const,
    bytesStep(comment),
  ]).flat();
}

function malformedEvent(exchange: Exchange): string {
  const { event } = eventWriter(exchange.scenario.settings);
  const whole = JSON.stringify(
    chunkOf(exchange, { choices: [{ index: 0, delta: { content: 'lost' } }] }),
  );
  switch (exchange.scenario.settings.what) {
    case 'half':
      return event(whole.slice(0, -12));
    case 'text':
      return event('this is not JSON');
    case 'null':
      return event('null');
    case 'number':
      return event('42');
    case 'string':
      return event('"text"');
    case 'array':
      return event('[]');
    case 'empty':
      return event('');
    case 'field':
      return 'a line without a colon\n\n';
  }
}

/** OpenRouter answers 200 before it knows: an error that comes later can only be told inside the answer. */
function errorScript(exchange: Exchange): Script {
  const { settings } = exchange.scenario;
  const code = settings.code ?? 402;
  const message =
    code === 402 ? 'Insufficient credits. Add more to this account.' : 'The provider failed.';
  const alone = { error: { message, code }, user_id: ACCOUNT_ID };
  const isInChoice = settings.shape === 'choice' || settings.shape === 'finish';
  const choice = {
    index: 0,
    finish_reason: 'error',
    native_finish_reason: 'error',
    ...(settings.shape === 'choice' && { error: { message, code } }),
  };
  if (!isStreamed(exchange)) {
    const whole = { ...choice, message: { role: 'assistant', content: 'Half an answer' } };
    const body =
      settings.shape === 'alone'
        ? alone
        : { ...chunkOf(exchange, { choices: [whole] }), ...(!isInChoice && alone) };
    return [
      { kind: 'head', status: 200, headers: headersOf('application/json', exchange) },
      bytesStep(JSON.stringify(body)),
      endBy('clean', 'error'),
    ];
  }
  if (exchange.protocol !== 'chat') {
    return interrupted(answerScript(exchange), {
      point: pointOf(exchange),
      steps: [bytesStep(errorEvent(exchange, code, message)), endBy('clean', 'error')],
      resumes: false,
    });
  }
  const writer = eventWriter(settings);
  const chunk = {
    ...chunkOf(exchange, { choices: [{ ...choice, delta: { content: '' } }] }),
    ...(!isInChoice && { error: { message, code } }),
  };
  return interrupted(sseScript(exchange), {
    point: pointOf(exchange),
    steps: [
      bytesStep(writer.json(settings.shape === 'alone' ? alone : chunk)),
      ...(settings.done ? [bytesStep(writer.event('[DONE]'))] : []),
      endBy('clean', 'error'),
    ],
    resumes: false,
  });
}

/** The same where events have names. */
function errorEvent(exchange: Exchange, code: number, message: string): string {
  const error = { type: errorTypeOf(code), message };
  return exchange.protocol === 'messages'
    ? namedEvent({ type: 'error', error }, exchange)
    : namedEvent(
        { type: 'error', sequence_number: 1, code: error.type, message, param: null },
        exchange,
      );
}

const MEBIBYTE = 1024 * 1024;

/** One text that does not end: of a JSON answer, of a line of a stream, or, with a code, of an error. */
function* floodScript(exchange: Exchange): Generator<Step> {
  const { mb, code = 200 } = exchange.scenario.settings;
  const isEvents = code < 400 && isStreamed(exchange);
  const type = isEvents ? 'text/event-stream' : 'application/json';
  yield { kind: 'head', status: code, headers: headersOf(type, exchange) };
  yield bytesStep(`${isEvents ? 'data: ' : ''}{"text":"`);
  const piece = bytesStep('x'.repeat(MEBIBYTE));
  for (let mebibytes = 0; mebibytes < mb; mebibytes += 1) yield piece;
  yield endBy('hang', 'stalled');
}

/** Alive, and saying nothing. */
function* commentsScript(exchange: Exchange): Generator<Step> {
  const { settings } = exchange.scenario;
  const { then, n, ms = PAUSE_MS, processing } = settings;
  const { comment } = eventWriter(settings);
  yield { kind: 'head', status: 200, headers: headersOf('text/event-stream', exchange) };
  if (processing > 0) yield bytesStep(comment.repeat(processing));
  yield* commentSteps(settings);
  if (n === 0 && then !== 'hang') yield { kind: 'wait', ms };
  yield* endings(then === 'resume' ? 'clean' : then, 'stalled');
}
