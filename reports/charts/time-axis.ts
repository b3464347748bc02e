import { seconds } from '../../model/units.ts';
import { linearAxis } from './axes.ts';
import { colour } from './theme.ts';

/** Where a stage begins on the time axis. */
export interface StageStart {
  readonly second: number;
  readonly name: string;
}

/** Time since the load began; values are whole seconds in `field`. */
export function timeChannel(field: string, lastSecond: number): object {
  const minutes = lastSecond > inSecondsOfLong;
  const step = minutes ? stepFor(lastSecond) : null;
  if (step === null) {
    const axis = linearAxis('time since the load began, s', '1', [lastSecond], 8);
    return { field, type: 'quantitative', ...axis, scale: { ...axis.scale, domain: [0, lastSecond] } };
  }
  const at = Array.from({ length: Math.floor(lastSecond / step) + 1 }, (_, index) => index * step);
  const labels = Object.fromEntries(at.map((second) => [String(second), clock(second)]));
  return {
    field,
    type: 'quantitative',
    scale: { type: 'linear', domain: [0, lastSecond], nice: false },
    axis: {
      title: `time since the load began, ${lastSecond >= secondsOfHour ? 'h:min' : 'min'}`,
      values: at,
      labelExpr: `(${JSON.stringify(labels)})[datum.value]`,
    },
  };
}

const secondsOfMinute = seconds(60) / seconds(1);
const secondsOfHour = 60 * secondsOfMinute;
/** From here on minutes read better than seconds. */
const inSecondsOfLong = 5 * secondsOfMinute;

function stepFor(lastSecond: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * secondsOfMinute);
  return steps.find((step) => lastSecond / step <= 10) ?? Math.ceil(lastSecond / 10 / secondsOfHour) * secondsOfHour;
}

function clock(second: number): string {
  const minutes = Math.floor(second / secondsOfMinute);
  if (second < secondsOfHour) return String(minutes);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Thin upright lines where stages begin, named at the top. */
export function stageLayers(stages: readonly StageStart[], x: object, lastSecond: number): object[] {
  const widths = stages.map(({ second }, index) => (stages[index + 1]?.second ?? lastSecond) - second);
  const values = stages
    .map((stage, index) => ({ ...stage, share: (widths[index] ?? 0) / Math.max(1, lastSecond) }))
    .filter(({ second }) => second < lastSecond);
  return [
    {
      data: { values },
      // About six pixels a letter.
      transform: [{ calculate: 'datum.share * width > 8 + 6 * length(datum.name) ? datum.name : ""', as: 'label' }],
      layer: [
        {
          mark: { type: 'rule', stroke: colour('rule') },
          encoding: { x: { ...x, field: 'second' } },
        },
        {
          mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, dy: 3, color: colour('soft'), fontSize: 10 },
          encoding: { x: { ...x, field: 'second' }, y: { value: 0 }, text: { field: 'label' } },
        },
      ],
    },
  ];
}
