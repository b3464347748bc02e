import { None, type Spec, View, logger, parse } from 'vega';
import { type TopLevelSpec, compile } from 'vega-lite';
import { type ColourName, palette, pictureWidth } from '../charts/theme.ts';
import { printable } from './printable.ts';

/**
 * One Vega-Lite specification as SVG, the same text each time. Colours stay CSS variables (charts/theme.ts), to be set
 * by the page around it; `withColours` sets them for an SVG that stands alone.
 */
export async function chartToSvg(
  specification: object,
  size: { readonly width: number; readonly height: number },
): Promise<string> {
  const svg = await new View(parse(ofSize(compiled(specification), size)), {
    renderer: 'none',
    logLevel: None,
  }).toSVG();
  return printable(rounded(svg));
}

const known = new WeakMap<object, Spec>();

/** A page has each chart in two sizes; what Vega-Lite makes of it is the same but for these numbers. */
function compiled(specification: object): Spec {
  const before = known.get(specification);
  if (before !== undefined) return before;
  const whole: TopLevelSpec = {
    width: 0,
    height: 0,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 0,
    params: [{ name: pictureWidth, value: 0 }],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own charts; Vega-Lite itself checks them
    ...(specification as Pick<TopLevelSpec & { layer: [] }, 'layer'>),
  };
  // A report writes nothing to the console; the tests look at what Vega-Lite would have warned of.
  const { spec } = compile(whole, { logger: logger(None) });
  known.set(specification, spec);
  return spec;
}

function ofSize(spec: Spec, size: { readonly width: number; readonly height: number }): Spec {
  const signals = spec.signals?.map((signal) =>
    signal.name === pictureWidth ? { ...signal, value: size.width } : signal,
  );
  return { ...spec, ...size, ...(signals === undefined ? {} : { signals }) };
}

export function withColours(svg: string, theme: 'light' | 'dark'): string {
  return svg.replace(/var\(--(\w+)\)/g, (variable, name: string) => (isColour(name) ? palette[theme][name] : variable));
}

/** A hundredth of a pixel is more than a screen shows, and half of the file's size less. */
function rounded(svg: string): string {
  return svg.replace(/\b(d|transform|x|y|x1|x2|y1|y2|width|height)="([^"]*)"/g, (_, name: string, value: string) => {
    const short = value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (digits) => String(Number(Number(digits).toFixed(2))));
    return `${name}="${short}"`;
  });
}

function isColour(name: string): name is ColourName {
  return Object.hasOwn(palette.light, name);
}
