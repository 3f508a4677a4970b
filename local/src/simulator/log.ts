import type { IncomingHttpHeaders } from 'node:http';
import type { Bill } from './extras.ts';
import type { ChatRequest } from './request.ts';
import type { Usage } from './usage.ts';

/**
 * `error`: a status, or an error inside the answer. `stalled`, `cut` and `reset` are the scenario's doing; `closed` means that
 * the simulator itself was shut.
 */
export type Ending =
  | 'open'
  | 'complete'
  | 'client-left'
  | 'cut'
  | 'reset'
  | 'stalled'
  | 'error'
  | 'closed';

/** What the provider knows of one chat request: the other side of the gateway's books. */
export type Delivered = {
  readonly sequence: number;
  readonly at: number;
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Both null once the log is too large: the oldest bodies go first. `body` is null also for what is no chat request. */
  readonly rawBody: string | null;
  readonly body: ChatRequest | null;
  readonly model: string;
  /** What was played, as it would be asked for; null where the request was refused before that. */
  readonly scenario: string | null;
  readonly generationId: string;
  readonly created: number;
  readonly streamed: boolean;
  /** 0 until headers are sent. */
  readonly status: number;
  /** Of the body. */
  readonly bytesWritten: number;
  /** Generated and, in a stream, written. */
  readonly tokens: number;
  readonly firstTokenAt: number | null;
  readonly ending: Ending;
  readonly endedAt: number | null;
  /** What the request buys, if it is answered. Null for a request that is refused before that. */
  readonly bill: Bill | null;
  /** Null while it is open, and for what is not charged. */
  readonly usage: Usage | null;
  /** USD: what a correct bill says. */
  readonly cost: number;
};

/** One call of the generation endpoint. */
export type Look = {
  readonly at: number;
  readonly path: string;
  readonly generationId: string;
  readonly status: number;
};

export type Entry = { -readonly [Key in keyof Delivered]: Delivered[Key] };

const ENTRIES_MAX = 20_000;
const ENTRIES_DROPPED_AT_ONCE = 1000;
const BODY_BYTES_MAX = 32 * 1024 * 1024;
const LOOKS_MAX = 20_000;

const bodyBytes = ({ rawBody }: Entry): number => rawBody?.length ?? 0;

/** What was delivered, within bounds: a benchmark sends more than a test wants to remember. */
export class DeliveryLog {
  #entries: Entry[] = [];
  #looks: Look[] = [];
  /** So many of the oldest entries have lost theirs. */
  #bodiless = 0;
  #bodyBytes = 0;
  #sequence = 0;
  #waiting = new Map<Entry, ((entry: Delivered) => void)[]>();

  get entries(): readonly Delivered[] {
    return this.#entries;
  }

  get looks(): readonly Look[] {
    return this.#looks;
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  open(entry: Entry): void {
    this.#entries.push(entry);
    this.#bodyBytes += bodyBytes(entry);
    while (this.#bodyBytes > BODY_BYTES_MAX && this.#bodiless < this.#entries.length - 1) {
      this.#forgetBody();
    }
    if (this.#entries.length <= ENTRIES_MAX) return;
    while (this.#bodiless < ENTRIES_DROPPED_AT_ONCE) this.#forgetBody();
    this.#entries.splice(0, ENTRIES_DROPPED_AT_ONCE);
    this.#bodiless -= ENTRIES_DROPPED_AT_ONCE;
  }

  #forgetBody(): void {
    const oldest = this.#entries[this.#bodiless];
    this.#bodiless += 1;
    if (!oldest) return;
    this.#bodyBytes -= bodyBytes(oldest);
    Object.assign(oldest, { rawBody: null, body: null });
  }

  looked(look: Look): void {
    this.#looks.push(look);
    if (this.#looks.length > LOOKS_MAX) this.#looks.splice(0, ENTRIES_DROPPED_AT_ONCE);
  }

  ended(entry: Entry): void {
    for (const tell of this.#waiting.get(entry) ?? []) tell(entry);
    this.#waiting.delete(entry);
  }

  /** The entry of that number once it has ended. */
  async whenEnded(sequence: number): Promise<Delivered> {
    const entry = this.#entries.find((candidate) => candidate.sequence === sequence);
    if (!entry) throw new Error(`The log has no entry ${sequence}.`);
    if (entry.ending !== 'open') return entry;
    return new Promise((resolve) => {
      this.#waiting.set(entry, [...(this.#waiting.get(entry) ?? []), resolve]);
    });
  }

  reset(): void {
    this.#entries = [];
    this.#looks = [];
    this.#bodiless = 0;
    this.#bodyBytes = 0;
    this.#sequence = 0;
  }
}
