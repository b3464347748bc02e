import type { FlameData } from '../flame-graph/flame-data.ts';
import { flameTable, frameText, legendText } from '../flame-graph/flame-text.ts';
import { FlameTree } from '../flame-graph/flame-tree.ts';
import type { FlameView } from '../flame-graph/flame-view.ts';
import { frameChange } from '../flame-graph/frame-change.ts';
import { searchTree } from '../flame-graph/search-tree.ts';
import { type Frame, visibleFrames } from '../flame-graph/visible-frames.ts';
import { formatCount, formatPercent } from '../format-quantity.ts';
import { type PictureParts, pictureParts } from './picture-parts.ts';
import { writeTable } from './write-table.ts';

/** Narrower frames are not drawn; below the second width there is no room for letters; about how wide one is. Pixels. */
const widths = { drawn: 1, named: 18, letter: 6.4 };
/** Height of a row, as the page's style has it. Pixels. */
const rowHeight = 20;

/** One flame graph on the page: draws what is wide enough, and answers to mouse and keyboard. */
export class FlamePicture {
  readonly #tree: FlameTree;
  readonly #title: string;
  readonly #parts: PictureParts;
  #view: FlameView;
  #frames: readonly Frame[] = [];
  /** By node, its element. */
  #drawn = new Map<number, HTMLElement>();
  /** For which it was drawn. */
  #width = 0;
  #active = 0;
  #found: readonly number[] = [];

  constructor(figure: HTMLElement) {
    this.#parts = pictureParts(figure);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the report wrote it, from a value of this type
    const data = JSON.parse(this.#parts.data.textContent ?? '') as FlameData;
    this.#tree = new FlameTree(data);
    this.#title = figure.dataset['title'] ?? '';
    this.#view = { shown: data.shown, base: data.isCompared ? data.base : null, root: 0 };
    this.#fillChoices(data);
    this.#listen();
  }

  show(): void {
    this.#parts.tools.hidden = false;
    this.#parts.help.hidden = false;
    this.#draw();
    this.#tellActive(false);
  }

  #fillChoices({ profiles, shown, base, isCompared }: FlameData): void {
    const { shown: shownChoice, base: baseChoice, compares } = this.#parts;
    for (const choice of [shownChoice, baseChoice])
      for (const [index, { title }] of profiles.entries()) choice.add(new Option(title, String(index)));
    shownChoice.value = String(shown);
    baseChoice.value = String(base ?? shown);
    compares.checked = isCompared;
    for (const label of this.#parts.tools.querySelectorAll<HTMLElement>('.choice')) label.hidden = profiles.length < 2;
  }

  #listen(): void {
    const { shown, base, compares, search, whole, graph } = this.#parts;
    for (const choice of [shown, compares]) choice.addEventListener('change', () => this.#choose());
    base.addEventListener('change', () => {
      compares.checked = true;
      this.#choose();
    });
    search.addEventListener('input', () => this.#search());
    search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#goToFound(1);
    });
    whole.addEventListener('click', () => this.#zoom(0));
    graph.addEventListener('click', (event) => {
      const node = nodeAt(event);
      if (node !== null) this.#zoom(node);
    });
    graph.addEventListener('pointerover', (event) => this.#point(event));
    graph.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.#press(event.key)) return;
      event.preventDefault();
    });
    // Drawing changes the height, so it has to wait until what is observed has been told.
    new ResizeObserver(() => {
      if (graph.clientWidth !== this.#width) requestAnimationFrame(() => this.#draw());
    }).observe(graph);
  }

  #choose(): void {
    const { shown, base, compares } = this.#parts;
    const other = Number(base.value);
    const profile = Number(shown.value);
    // A frame that is not there cannot be as wide as the picture.
    const root = this.#tree.value(profile, this.#view.root) > 0 ? this.#view.root : 0;
    this.#change({ shown: profile, base: compares.checked && other !== profile ? other : null, root });
  }

  #zoom(root: number): void {
    this.#active = root;
    this.#change({ ...this.#view, root });
  }

  #change(view: FlameView): void {
    this.#view = view;
    const { legend, table, key, whole } = this.#parts;
    legend.textContent = legendText(this.#tree, view);
    key.dataset['compared'] = view.base === null ? 'no' : 'yes';
    whole.disabled = view.root === 0;
    this.#search();
    this.#draw();
    writeTable(table, flameTable(this.#tree, view, this.#title));
    this.#tellActive(true);
  }

  #draw(): void {
    const { graph } = this.#parts;
    const width = graph.clientWidth;
    // Not on the screen.
    if (width === 0) return;
    this.#width = width;
    this.#frames = visibleFrames(this.#tree, this.#view, widths.drawn / width);
    this.#drawn = new Map();
    const all = document.createDocumentFragment();
    let rows = 0;
    const found = new Set(this.#found);
    for (const frame of this.#frames) {
      const element = document.createElement('div');
      element.className = `frame ${this.#colour(frame.node)}${found.has(frame.node) ? ' found' : ''}`;
      element.setAttribute('role', 'treeitem');
      element.setAttribute('aria-level', String(frame.row + 1));
      element.id = `${graph.id}-${frame.node}`;
      element.dataset['node'] = String(frame.node);
      element.style.left = `${frame.left * 100}%`;
      element.style.width = `${frame.width * 100}%`;
      element.style.top = `${frame.row * rowHeight}px`;
      element.textContent = this.#label(frame.node, frame.width * width);
      rows = Math.max(rows, frame.row + 1);
      all.append(element);
      this.#drawn.set(frame.node, element);
    }
    graph.style.height = `${rows * rowHeight}px`;
    graph.replaceChildren(all);
    if (!this.#drawn.has(this.#active)) this.#active = this.#view.root;
    this.#markActive();
  }

  #label(node: number, width: number): string {
    if (width < widths.named) return '';
    const name = this.#tree.name(node);
    return name.length * widths.letter < width ? name : this.#tree.shortName(node);
  }

  #colour(node: number): string {
    const origin = this.#tree.origin(node);
    if (node === 0) return 'root';
    if (this.#view.base !== null) return frameChange(this.#tree, this.#view, node).kind;
    return origin === null ? 'rest' : `origin${origin}`;
  }

  #search(): void {
    const { search, matches } = this.#parts;
    const { nodes, functions, share } = searchTree(this.#tree, search.value, this.#view.root, this.#view.shown);
    this.#found = nodes;
    const found = new Set(nodes);
    for (const [node, element] of this.#drawn) element.classList.toggle('found', found.has(node));
    matches.textContent =
      search.value.trim() === ''
        ? ''
        : `${formatCount(functions)} ${functions === 1 ? 'function' : 'functions'}, ${formatPercent(share)} of the width`;
  }

  #point(event: Event): void {
    const node = nodeAt(event);
    if (node === null) return;
    const text = frameText(this.#tree, this.#view, node);
    const element = this.#drawn.get(node);
    if (element !== undefined) element.title = text;
    this.#parts.status.textContent = text;
  }

  /** Whether the key means something here. */
  #press(key: string): boolean {
    switch (key) {
      case 'ArrowDown':
        return this.#activate(this.#firstCallee());
      case 'ArrowUp':
        return this.#activate(this.#tree.callerOf[this.#active] ?? -1);
      case 'ArrowLeft':
        return this.#activate(this.#beside(-1));
      case 'ArrowRight':
        return this.#activate(this.#beside(1));
      case 'Home':
        return this.#activate(0);
      case 'Enter':
      case ' ':
        this.#zoom(this.#active);
        return true;
      case 'Escape':
      case 'Backspace':
        this.#zoom(Math.max(0, this.#tree.callerOf[this.#view.root] ?? 0));
        return true;
      case '/':
        this.#parts.search.focus();
        return true;
      case 'n':
        return this.#goToFound(1);
      case 'N':
        return this.#goToFound(-1);
      default:
        return false;
    }
  }

  #firstCallee(): number {
    const { node = -1 } = this.#frames.find((frame) => this.#tree.callerOf[frame.node] === this.#active) ?? {};
    return node;
  }

  /** The next drawn frame of the same row. */
  #beside(step: 1 | -1): number {
    const row = this.#frames.filter((frame) => frame.row === this.#tree.depth(this.#active));
    const place = row.findIndex(({ node }) => node === this.#active);
    return row[place + step]?.node ?? -1;
  }

  #activate(node: number): true {
    if (this.#drawn.has(node)) {
      this.#active = node;
      this.#markActive();
      this.#tellActive(true);
    }
    return true;
  }

  /** What is too narrow to be drawn is zoomed to by way of its caller. */
  #goToFound(step: 1 | -1): true {
    const found = this.#found;
    const next = step > 0 ? found.find((node) => node > this.#active) : found.findLast((node) => node < this.#active);
    const node = next ?? found.at(step > 0 ? 0 : -1);
    if (node === undefined) return true;
    this.#parts.graph.focus({ preventScroll: true });
    if (!this.#drawn.has(node)) this.#zoom(node);
    return this.#activate(node);
  }

  #markActive(): void {
    const { graph } = this.#parts;
    graph.querySelector('.active')?.classList.remove('active');
    const element = this.#drawn.get(this.#active);
    element?.classList.add('active');
    element?.setAttribute('aria-label', frameText(this.#tree, this.#view, this.#active));
    if (element !== undefined) graph.setAttribute('aria-activedescendant', element.id);
  }

  #tellActive(isMoved: boolean): void {
    this.#parts.status.textContent = frameText(this.#tree, this.#view, this.#active);
    if (isMoved && document.activeElement === this.#parts.graph)
      this.#drawn.get(this.#active)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

function nodeAt({ target }: Event): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('.frame') : null;
  return element === null ? null : Number(element.dataset['node']);
}
