import { GREY, type Mark, svg, WIDTH } from './canvas.ts';
import { label, linear } from './scale.ts';

export type Bar = {
  readonly name: string;
  readonly value: number;
  /** A second value, drawn as a thin continuation: the 99th percentile above the median. */
  readonly upTo?: number;
  readonly colour: string;
};
export type BarChart = {
  readonly title: string;
  readonly unit: string;
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
};

const NAMES = 220;
const VALUES = 110;
const BAR = 20;
const GROUP = 30;
const TOP = 36;

/** Lying bars in groups, each group with a scale of its own. */
export function bars({ title, unit, groups }: BarChart): string {
  const marks: Mark[] = [];
  let y = TOP;
  for (const group of groups) {
    y += GROUP;
    marks.push({ kind: 'text', x: 12, y: y - 8, text: group.name, isBold: false });
    const most = Math.max(...group.bars.map(({ value, upTo = 0 }) => Math.max(value, upTo)));
    const scale = linear(most, { from: NAMES, to: WIDTH - VALUES });
    for (const bar of group.bars) {
      marks.push(...barMarks(bar, { y, unit, at: scale.at }));
      y += BAR;
    }
  }
  return svg(title, y + 12, marks);
}

type Row = { readonly y: number; readonly unit: string; readonly at: (value: number) => number };

function barMarks({ name, value, upTo, colour }: Bar, { y, unit, at }: Row): readonly Mark[] {
  const start = at(0);
  const end = Math.max(at(value), at(upTo ?? value));
  const text = upTo === undefined ? label(value) : `${label(value)}, ${label(upTo)}`;
  return [
    { kind: 'text', x: NAMES - 8, y: y + 13, text: name, anchor: 'end' },
    ...(upTo === undefined
      ? []
      : [
          {
            kind: 'bar',
            x: start,
            y: y + 7,
            width: at(upTo) - start,
            height: 5,
            colour,
            opacity: 0.35,
          } as const,
        ]),
    { kind: 'bar', x: start, y: y + 3, width: Math.max(1, at(value) - start), height: 13, colour },
    { kind: 'text', x: end + 6, y: y + 13, text: `${text} ${unit}`, colour: GREY },
  ];
}
