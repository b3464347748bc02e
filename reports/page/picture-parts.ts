/** What the page holds of a flame graph (reports/render/flame-graph-html.ts). */
export interface PictureParts {
  readonly data: HTMLElement;
  readonly tools: HTMLElement;
  readonly help: HTMLElement;
  readonly legend: HTMLElement;
  readonly key: HTMLElement;
  readonly graph: HTMLElement;
  readonly status: HTMLElement;
  readonly matches: HTMLElement;
  readonly table: HTMLElement;
  readonly shown: HTMLSelectElement;
  readonly base: HTMLSelectElement;
  readonly compares: HTMLInputElement;
  readonly search: HTMLInputElement;
  readonly whole: HTMLButtonElement;
}

export function pictureParts(figure: HTMLElement): PictureParts {
  const find = <E extends HTMLElement>(name: string, kind: new () => E): E => {
    const found = figure.querySelector(`.flame-${name}`);
    if (!(found instanceof kind)) throw new Error(`the flame graph has no ${name}`);
    return found;
  };
  return {
    data: find('data', HTMLElement),
    tools: find('tools', HTMLElement),
    help: find('help', HTMLElement),
    legend: find('legend', HTMLElement),
    key: find('key', HTMLElement),
    graph: find('graph', HTMLElement),
    status: find('status', HTMLElement),
    matches: find('matches', HTMLElement),
    table: find('table', HTMLElement),
    shown: find('shown', HTMLSelectElement),
    base: find('base', HTMLSelectElement),
    compares: find('compares', HTMLInputElement),
    search: find('search', HTMLInputElement),
    whole: find('whole', HTMLButtonElement),
  };
}
