import { AMBER, BLUE, GREEN, type Mark, type Point, RED, svg, WIDTH } from './canvas.ts';
import { label, linear, logarithmic, type Scale } from './scale.ts';

export type LineChart = {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Logarithmic where each step is a multiple of the one before. */
  readonly scale: 'linear' | 'logarithmic';
  readonly lines: readonly Line[];
};
type Line = {
  readonly name: string;
  readonly points: readonly Point[];
  /** Else the next that is not taken. */
  readonly colour?: string;
};

const colours = [BLUE, AMBER, GREEN, RED] as const;

const PLOT = { left: 64, right: WIDTH - 24, top: 66, bottom: 300 } as const;
const HEIGHT = PLOT.bottom + 48;
/** More points than these are a curve: dots would hide it. */
const DOTS_MAX = 16;

export function lines({ title, x, y, scale, lines: asked }: LineChart): string {
  const given = asked.map((line, index) => ({
    colour: colours[index % colours.length] ?? BLUE,
    ...line,
  }));
  const all = given.flatMap(({ points }) => points);
  const span = { from: PLOT.left, to: PLOT.right };
  const xs = all.map(([value]) => value);
  const across = scale === 'linear' ? linear(Math.max(...xs), span) : logarithmic(xs, span);
  const up = linear(Math.max(...all.map(([, value]) => value)), {
    from: PLOT.bottom,
    to: PLOT.top,
  });
  const drawn = given.flatMap(({ points, colour }): readonly Mark[] => {
    const placed = points.map(([from, to]): Point => [across.at(from), up.at(to)]);
    const dots = placed.length > DOTS_MAX ? [] : placed;
    return [
      { kind: 'line', points: placed, colour, thickness: 2 },
      ...dots.map(([left, top]) => ({ kind: 'dot', x: left, y: top, colour }) as const),
    ];
  });
  return svg(title, HEIGHT, [...axes(across, up), ...legend(given), ...drawn, ...captions(x, y)]);
}

function axes(across: Scale, up: Scale): readonly Mark[] {
  return [
    ...up.ticks.flatMap((tick): readonly Mark[] => [
      {
        kind: 'line',
        points: [
          [PLOT.left, up.at(tick)],
          [PLOT.right, up.at(tick)],
        ],
        opacity: 0.3,
      },
      { kind: 'text', x: PLOT.left - 8, y: up.at(tick) + 4, text: label(tick), anchor: 'end' },
    ]),
    ...across.ticks.map((tick): Mark => ({
      kind: 'text',
      x: across.at(tick),
      y: PLOT.bottom + 18,
      text: label(tick),
      anchor: 'middle',
    })),
  ];
}

const captions = (x: string, y: string): readonly Mark[] => [
  { kind: 'text', x: PLOT.right, y: PLOT.bottom + 38, text: x, anchor: 'end' },
  { kind: 'text', x: 12, y: PLOT.top - 12, text: y },
];

/** Right of the caption of the axis. As wide as the letters are on the average. */
function legend(given: readonly Required<Line>[]): readonly Mark[] {
  const marks: Mark[] = [];
  let right = PLOT.right;
  for (const { name, colour } of given.toReversed()) {
    marks.push({ kind: 'text', x: right, y: PLOT.top - 12, text: name, anchor: 'end', colour });
    right -= name.length * 6.6 + 18;
  }
  return marks;
}
