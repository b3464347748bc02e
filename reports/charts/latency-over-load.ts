import { formatRate, formatSetting } from '../format-quantity.ts';
import { type Axis, latencyAxis, linearAxis } from './axes.ts';
import { chartConfig, colour, obliqueCross } from './theme.ts';

/** How a stage went: shown by the shape of its points. */
export type StageMark = 'held' | 'missed' | 'undecided' | 'not judged' | 'invalid';

/** What the load axis counts: requests offered per second or, in a closed loop, users. */
export interface LoadAxis {
  readonly title: string;
  readonly unit: '1/s' | '1';
}

export interface LoadPoint {
  readonly load: number;
  readonly mark: StageMark;
  readonly quantile: 'p50' | 'p90' | 'p99';
  readonly valueMs: number;
  /** Equal to the value where there is no interval. */
  readonly lowMs: number;
  readonly highMs: number;
}

export interface LatencyOverLoad {
  readonly axis: LoadAxis;
  readonly points: readonly LoadPoint[];
  /** Of a ramp: one point per second, no line between them. */
  readonly scattered: boolean;
  readonly objectives: readonly { readonly text: string; readonly limitMs: number }[];
  readonly waterLevel: { readonly low: number; readonly high: number | null } | null;
  readonly levels: { readonly green: number; readonly yellow: number } | null;
  /** Curves through the points, with their bands; a missing end is not drawn. */
  readonly fitted: readonly FittedPoint[];
}

export interface FittedPoint {
  readonly load: number;
  readonly quantile: LoadPoint['quantile'];
  readonly valueMs: number;
  readonly lowMs: number | null;
  readonly highMs: number | null;
}

const shapes: Readonly<Record<StageMark, string>> = {
  held: 'circle',
  missed: 'triangle-up',
  undecided: 'diamond',
  'not judged': 'circle',
  invalid: obliqueCross,
};

/**
 * The main chart: latency against load, with the load line of the ship it is named after: a Plimsoll mark at the
 * water-level, green, yellow and red water around it, and the lowest level that was missed.
 */
export function latencyOverLoad(chart: LatencyOverLoad): object {
  const loads = [...chart.points.map(({ load }) => load), chart.waterLevel?.low ?? 0, chart.waterLevel?.high ?? 0];
  const x = linearAxis(chart.axis.title, chart.axis.unit, loads, 8);
  // Room for the names of the lines behind their last points.
  const right = Math.max(x.scale.domain[1], Math.max(...loads) * 1.07);
  const xChannel = { field: 'load', type: 'quantitative', ...x, scale: { ...x.scale, domain: [0, right] } };
  const y = latencyAxis('response time', [
    ...chart.points.flatMap(({ lowMs, highMs }) => [lowMs, highMs]),
    // Room above for the text of the line.
    ...chart.objectives.map(({ limitMs }) => limitMs * 1.3),
  ]);
  const yChannel = { field: 'valueMs', type: 'quantitative', ...y };
  const valid = chart.points.filter(({ mark }) => mark !== 'invalid');
  const marks = [...new Set(chart.points.map(({ mark }) => mark))];
  return {
    config: chartConfig,
    layer: [
      ...bandLayers(chart, right),
      ...waterLevelLayers(chart, right),
      ...objectiveLayers(chart, yChannel),
      ...fittedLayers(chart, xChannel, yChannel, y.scale.domain),
      {
        data: { values: chart.points.filter(({ lowMs, highMs }) => highMs > lowMs).map(styled) },
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: {
          x: xChannel,
          y: { ...yChannel, field: 'lowMs' },
          y2: { field: 'highMs' },
          stroke: { field: 'stroke', type: 'nominal', scale: null },
        },
      },
      ...(chart.scattered
        ? []
        : [
            {
              data: { values: valid.map(styled) },
              mark: { type: 'line', strokeWidth: chart.fitted.length > 0 ? 1 : 2 },
              encoding: {
                x: xChannel,
                y: yChannel,
                stroke: { field: 'stroke', type: 'nominal', scale: null },
                detail: { field: 'quantile', type: 'nominal' },
              },
            },
          ]),
      {
        data: { values: chart.points.map(styled) },
        mark: { type: 'point', size: chart.scattered ? 14 : 60, opacity: 1, strokeWidth: 2 },
        encoding: {
          x: xChannel,
          y: yChannel,
          fill: { field: 'fill', type: 'nominal', scale: null },
          stroke: { field: 'stroke', type: 'nominal', scale: null },
          shape: {
            field: 'mark',
            type: 'nominal',
            scale: { domain: marks, range: marks.map((mark) => shapes[mark]) },
            legend: marks.every((mark) => mark === 'not judged')
              ? null
              : { title: null, symbolFillColor: colour('paper') },
          },
        },
      },
      ...nameLayers(valid.length === 0 ? chart.points : valid, right, xChannel, yChannel, y),
    ],
  };
}

/** The band as an area, the curve dashed upon it; both end where the axis ends. */
function fittedLayers(
  { fitted }: LatencyOverLoad,
  x: object,
  y: object,
  [least, most]: readonly [number, number],
): object[] {
  if (fitted.length === 0) return [];
  const inside = (value: number): number => Math.min(most, Math.max(least, value));
  const detail = { field: 'quantile', type: 'nominal' };
  const stroke = { field: 'stroke', type: 'nominal', scale: null };
  const values = fitted.map((point) => ({ ...point, stroke: colour(point.quantile) }));
  const banded = values.flatMap((point) =>
    point.lowMs === null || point.highMs === null
      ? []
      : [{ ...point, lowMs: inside(point.lowMs), highMs: inside(point.highMs) }],
  );
  return [
    {
      data: { values: banded },
      mark: { type: 'area', opacity: 0.16 },
      encoding: { x, y: { ...y, field: 'lowMs' }, y2: { field: 'highMs' }, fill: stroke, detail },
    },
    {
      data: { values: values.filter(({ valueMs }) => valueMs >= least && valueMs <= most) },
      mark: { type: 'line', strokeWidth: 2, strokeDash: [5, 3] },
      encoding: { x, y, stroke, detail },
    },
  ];
}

function styled(point: LoadPoint): object {
  const stroke = point.mark === 'invalid' ? colour('soft') : colour(point.quantile);
  return { ...point, stroke, fill: point.mark === 'undecided' ? colour('paper') : stroke };
}

/** Heights in pixels, nearly: names of lines closer than this would cover one another. */
const plotHeight = 250;
const nameHeight = 13;

/** A name is as wide as this share of a narrow chart: those farther apart do not meet. */
const nameShare = 0.12;

/** The name of each line behind its last point, pushed up where one below is too near. */
function nameLayers(
  points: readonly LoadPoint[],
  widest: number,
  xChannel: object,
  yChannel: object,
  { scale }: Axis,
): object[] {
  const [from, to] = scale.domain.map((value) => (scale.type === 'log' ? Math.log(value) : value));
  const placed: { readonly load: number; readonly top: number }[] = [];
  return (['p50', 'p90', 'p99'] as const).flatMap((quantile) => {
    const last = points
      .filter((point) => point.quantile === quantile)
      .toSorted((left, right) => right.load - left.load)[0];
    if (last === undefined || from === undefined || to === undefined) return [];
    const value = scale.type === 'log' ? Math.log(last.valueMs) : last.valueMs;
    const height = ((value - from) / (to - from)) * plotHeight;
    const beside = placed.filter(({ load }) => Math.abs(load - last.load) < nameShare * widest);
    const place = Math.max(height, ...beside.map(({ top }) => top));
    placed.push({ load: last.load, top: place + nameHeight });
    return [
      {
        data: { values: [styled(last)] },
        mark: { type: 'text', align: 'left', dx: 9, dy: height - place, fontWeight: 600 },
        encoding: {
          x: xChannel,
          y: yChannel,
          text: { field: 'quantile', type: 'nominal' },
          color: { field: 'stroke', type: 'nominal', scale: null },
        },
      },
    ];
  });
}

/** Green, yellow and red water, each with its name: colour alone says nothing to some readers. */
function bandLayers({ levels }: LatencyOverLoad, right: number): object[] {
  if (levels === null) return [];
  const bands = [
    { from: 0, to: levels.green, name: 'green', fill: colour('bandGreen') },
    { from: levels.green, to: levels.yellow, name: 'yellow', fill: colour('bandYellow') },
    { from: levels.yellow, to: right, name: 'red', fill: colour('bandRed') },
  ];
  return [
    {
      data: { values: bands },
      mark: { type: 'rect', opacity: 0.8 },
      encoding: {
        x: { field: 'from', type: 'quantitative' },
        x2: { field: 'to' },
        fill: { field: 'fill', type: 'nominal', scale: null },
      },
    },
    {
      data: { values: bands.map((band) => ({ ...band, share: (band.to - band.from) / right })) },
      transform: [{ calculate: 'datum.share * width > 46 ? datum.name : ""', as: 'label' }],
      mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 5, dy: -5, color: colour('soft') },
      encoding: { x: { field: 'from', type: 'quantitative' }, y: { value: 'height' }, text: { field: 'label' } },
    },
  ];
}

/** The load line: a Plimsoll mark, its line upright since load grows to the right; dashed, the lowest level missed. */
function waterLevelLayers({ waterLevel, axis }: LatencyOverLoad, right: number): object[] {
  if (waterLevel === null) return [];
  const { low, high } = waterLevel;
  const say = (value: number): string => (axis.unit === '1/s' ? formatRate(value) : formatSetting(value, '1'));
  const position = (load: number): string => `${load / right} * width`;
  const onTheLeft = `${position(low)} > 135`;
  const line = { data: { values: [{ load: low, text: `water-level ${say(low)}` }] } };
  const x = { field: 'load', type: 'quantitative' };
  const missed =
    high === null
      ? []
      : [
          {
            data: { values: [{ load: high, text: `missed ${say(high)}` }] },
            layer: [
              { mark: { type: 'rule', stroke: colour('bad'), strokeDash: [5, 4] }, encoding: { x } },
              {
                mark: {
                  type: 'text',
                  align: { expr: `width - ${position(high)} < 88 ? 'right' : 'left'` },
                  dx: { expr: `width - ${position(high)} < 88 ? -6 : 6` },
                  color: colour('bad'),
                },
                encoding: { x, y: { value: 30 }, text: { field: 'text' } },
              },
            ],
          },
        ];
  return [
    ...missed,
    {
      ...line,
      layer: [
        { mark: { type: 'rule', stroke: colour('ink'), strokeWidth: 2 }, encoding: { x } },
        {
          mark: {
            type: 'point',
            shape: 'circle',
            size: 260,
            filled: false,
            stroke: colour('ink'),
            strokeWidth: 2,
            opacity: 1,
          },
          encoding: { x, y: { value: 13 } },
        },
        {
          mark: {
            type: 'text',
            align: { expr: `${onTheLeft} ? 'right' : 'left'` },
            dx: { expr: `${onTheLeft} ? -16 : 16` },
            fontWeight: 600,
            fontSize: 12,
          },
          encoding: { x, y: { value: 13 }, text: { field: 'text' } },
        },
      ],
    },
  ];
}

function objectiveLayers({ objectives }: LatencyOverLoad, yChannel: object): object[] {
  if (objectives.length === 0) return [];
  const values = objectives.map(({ text, limitMs }) => ({ valueMs: limitMs, text }));
  return [
    {
      data: { values },
      layer: [
        { mark: { type: 'rule', stroke: colour('ink'), strokeDash: [6, 4] }, encoding: { y: yChannel } },
        {
          mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 5, dy: -4 },
          encoding: { x: { value: 0 }, y: yChannel, text: { field: 'text' } },
        },
      ],
    },
  ];
}
