// A small writer of SVG, for charts that are read on a light and on a dark page: nothing is filled behind them, and grey and
// the colours have contrast with both.

export const WIDTH = 760;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';
export const GREY = '#848d97';
export const BLUE = '#2f81f7';
export const AMBER = '#d29922';
export const GREEN = '#3fb950';
export const PURPLE = '#a371f7';
export const RED = '#e5534b';

export type Mark =
  | ({
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
    } & Look)
  | ({
      readonly kind: 'bar';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    } & Look)
  | ({ readonly kind: 'line'; readonly points: readonly Point[] } & Look)
  | ({ readonly kind: 'dot'; readonly x: number; readonly y: number } & Look);
export type Point = readonly [x: number, y: number];
type Look = {
  readonly colour?: string;
  readonly opacity?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly isBold?: boolean;
  /** Of a line. */
  readonly thickness?: number;
};

export function svg(title: string, height: number, marks: readonly Mark[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" style="font: ${escaped(FONT)}">
<title>${escaped(title)}</title>
${[heading(title), ...marks].map(written).join('\n')}
</svg>
`;
}

const heading = (text: string): Mark => ({ kind: 'text', x: 12, y: 22, text, isBold: true });

function written(mark: Mark): string {
  const { colour = GREY, opacity = 1 } = mark;
  const fill = `fill="${colour}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`}`;
  switch (mark.kind) {
    case 'text': {
      const weight = mark.isBold ? ' font-weight="600" font-size="14"' : '';
      return `<text x="${rounded(mark.x)}" y="${rounded(mark.y)}" text-anchor="${mark.anchor ?? 'start'}" ${fill}${weight}>${escaped(mark.text)}</text>`;
    }
    case 'bar':
      return `<rect x="${rounded(mark.x)}" y="${rounded(mark.y)}" width="${rounded(mark.width)}" height="${rounded(mark.height)}" rx="2" ${fill}/>`;
    case 'line': {
      const points = mark.points.map((point) => point.map(rounded).join(',')).join(' ');
      return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-opacity="${opacity}" stroke-width="${mark.thickness ?? 1}"/>`;
    }
    case 'dot':
      return `<circle cx="${rounded(mark.x)}" cy="${rounded(mark.y)}" r="3" ${fill}/>`;
  }
}

const rounded = (number: number): number => Math.round(number * 10) / 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
