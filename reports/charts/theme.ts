/**
 * Colours by what they mean. A chart names them (`colour.ink` is the CSS variable `--ink`); the page, or the renderer of
 * a lone SVG, gives them their value for light or dark paper. Series differ in lightness or dash as well as in hue, and
 * hues are chosen after Okabe and Ito, so that nothing depends on telling red from green.
 */
export const palette = {
  light: {
    paper: '#fcfbf8',
    panel: '#f4f2ec',
    ink: '#18222c',
    soft: '#59656f',
    rule: '#d6d2c6',
    grid: '#e4e1d8',
    accent: '#0b4f86',
    good: '#1c7148',
    warning: '#8a5a00',
    bad: '#b2331b',
    goodPanel: '#e6f0e8',
    warningPanel: '#f8efd8',
    badPanel: '#f8e5df',
    bandGreen: '#e4efe3',
    bandYellow: '#f8eecb',
    bandRed: '#f7ded3',
    p50: '#3d85bf',
    p90: '#1b5f9c',
    p99: '#06305a',
    series1: '#0b6bb0',
    series2: '#c96a00',
    series3: '#15805a',
    series4: '#a3487f',
    series5: '#6b6f76',
    series6: '#8a7a00',
    flameOwn: '#efae55',
    flameLibrary: '#f1e08c',
    flameStandard: '#8fbfe3',
    flameRuntime: '#c3c6c8',
    flameRest: '#ebe8e0',
    changeLessThanHalf: '#5fa3d9',
    changeLess: '#bcdaf0',
    changeSame: '#e6e3da',
    changeMore: '#f9d6a2',
    changeMoreThanDouble: '#ee963a',
  },
  dark: {
    paper: '#10171d',
    panel: '#182129',
    ink: '#e7e9e6',
    soft: '#9ba8b2',
    rule: '#33404b',
    grid: '#25303a',
    accent: '#7cbcf0',
    good: '#63c795',
    warning: '#e5b655',
    bad: '#f58d73',
    goodPanel: '#152a22',
    warningPanel: '#2c2614',
    badPanel: '#331f1b',
    bandGreen: '#14291f',
    bandYellow: '#2d2913',
    bandRed: '#35201b',
    p50: '#4682b0',
    p90: '#6db3e8',
    p99: '#d3e9fb',
    series1: '#63b1ee',
    series2: '#eb9c3f',
    series3: '#57c79b',
    series4: '#dd8fbd',
    series5: '#a9b1ba',
    series6: '#d3c14a',
    flameOwn: '#8f5a12',
    flameLibrary: '#5e5519',
    flameStandard: '#235a8c',
    flameRuntime: '#4b535b',
    flameRest: '#222c35',
    changeLessThanHalf: '#2a6aa3',
    changeLess: '#1e4263',
    changeSame: '#2b343d',
    changeMore: '#5e4119',
    changeMoreThanDouble: '#96590d',
  },
} as const satisfies Record<'light' | 'dark', Readonly<Record<string, string>>>;

export type ColourName = keyof (typeof palette)['light'];

export function colour(name: ColourName): string {
  return `var(--${name})`;
}

/** Distinct up to six series; from the seventh on the dash differs as well. */
export function seriesStyle(index: number): { readonly stroke: string; readonly dash: readonly number[] } {
  const names = ['series1', 'series2', 'series3', 'series4', 'series5', 'series6'] as const;
  const dashes = [[], [6, 3], [2, 2]] as const;
  return {
    stroke: colour(names[index % names.length] ?? 'series1'),
    dash: dashes[Math.floor(index / names.length) % dashes.length] ?? [],
  };
}

/** Marks what was measured but isn't judged: an invalid stage. */
export const obliqueCross = 'M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8';

/** Pixels; Vega cuts longer names of a legend. */
const labelLimit = 300;

/** Name of the parameter by which a specification knows the whole picture's width, labels of axes included. */
export const pictureWidth = 'pictureWidth';

/** Of lines; as many columns as there is room for. Null for a single line, which the title names. */
export function lineLegend(names: readonly string[]): object | null {
  if (names.length < 2) return null;
  // A letter is about 6 pixels wide, the sign before it and the gap behind 40.
  const column = 40 + 6 * Math.max(...names.map((name) => name.length));
  return {
    title: null,
    symbolType: 'stroke',
    symbolStrokeWidth: 2.5,
    labelLimit,
    columns: { expr: `max(1, floor((${pictureWidth} - 60) / ${column}))` },
  };
}

/** Lines told apart by their colour, one for each name. */
export function colourByName(names: readonly string[]): object {
  return {
    field: 'name',
    type: 'nominal',
    scale: { domain: names, range: names.map((_, index) => seriesStyle(index).stroke) },
    legend: lineLegend(names),
  };
}

/** The dash that `seriesStyle` gave to each value. */
export const ownDash = { field: 'dash', type: 'nominal', scale: null, legend: null } as const;

/** No font is shipped: the reader's own system font. */
export const font = 'system-ui, sans-serif';

/** Everything that all charts share, as a Vega-Lite `config`. */
export const chartConfig = {
  font,
  background: null,
  view: { stroke: null },
  aria: false,
  axis: {
    labelColor: colour('soft'),
    titleColor: colour('soft'),
    domainColor: colour('rule'),
    tickColor: colour('rule'),
    gridColor: colour('grid'),
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelPadding: 5,
    tickSize: 4,
    labelOverlap: 'parity',
    labelFlush: false,
  },
  axisY: { domain: false, ticks: false, titleAnchor: 'end', titleAngle: 0, titleAlign: 'left', titleX: 0, titleY: -14 },
  axisX: { grid: false },
  legend: {
    orient: 'bottom',
    direction: 'horizontal',
    labelColor: colour('ink'),
    labelFontSize: 11,
    symbolStrokeColor: colour('ink'),
    symbolStrokeWidth: 1.5,
    symbolSize: 60,
    labelLimit,
    columnPadding: 16,
    offset: 10,
  },
  text: { color: colour('ink'), fontSize: 11 },
} as const;
