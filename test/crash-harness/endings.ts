import type { Asking } from './client.ts';
import type { Payer } from './payer.ts';

/** One way in which an exchange ends while nothing crashes, and who pays for it. */
export type Ending = Asking & { readonly name: string; readonly payer?: Payer['kind'] };

const stays = { isStreamed: true, leaves: { kind: 'never' } } as const;
const leaves = (events: number) =>
  ({ isStreamed: true, leaves: { kind: 'in-silence', events } }) as const;
const keyed = { ...stays, isKeyed: true } as const;

export const endings: readonly Ending[] = [
  { ...stays, name: 'complete', model: 'sim/answer~tokens=2~processing=1' },
  { ...stays, name: 'complete, not streamed', model: 'sim/answer~tokens=2', isStreamed: false },
  { ...stays, name: 'complete, no cost', model: 'sim/no-usage~tokens=2~processing=0' },
  { ...leaves(0), name: 'client left before the headers', model: 'sim/never' },
  {
    ...leaves(1),
    name: 'client left before the first event',
    // With another gateway left, a client sees nothing before the first token.
    model: 'sim/stall~after=0~tokens=4~processing=1~ms=0:nitro',
  },
  {
    ...leaves(2),
    name: 'client left in the middle',
    model: 'sim/stall~after=2~tokens=4~processing=0~ms=0',
  },
  { ...stays, name: 'upstream cut', model: 'sim/cut~after=2~tokens=4~processing=0:nitro' },
  { ...stays, name: 'upstream reset', model: 'sim/reset~after=2~tokens=4~processing=0' },
  { ...stays, name: 'upstream error before the first byte', model: 'sim/status~code=500' },
  { ...stays, name: 'upstream unreachable', model: 'sim/reset' },
  {
    ...stays,
    name: 'complete, paid by an organisation',
    model: 'sim/answer~tokens=2~processing=1',
    payer: 'organization',
  },
  {
    ...leaves(2),
    name: 'client of an organisation left in the middle',
    model: 'sim/stall~after=2~tokens=4~processing=0~ms=0',
    payer: 'organization',
  },
  {
    ...stays,
    name: 'rescued in the middle',
    model: 'sim/cut~after=2~tokens=4~processing=0~on=api',
  },
  {
    ...stays,
    name: 'begun once more',
    model: 'sim/cut~after=1~reasoning=2~tokens=2~processing=0~on=api',
  },
  { ...keyed, name: 'complete, under a key', model: 'sim/answer~tokens=2~processing=1' },
  {
    ...keyed,
    name: 'upstream cut, under a key',
    model: 'sim/cut~after=2~tokens=4~processing=0',
  },
  { ...stays, name: 'failed over', model: 'sim/status~code=500~on=api~tokens=2~processing=0' },
];
