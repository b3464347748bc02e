import type { FlameGraph } from '../document.ts';
import { changeKinds } from '../flame-graph/frame-change.ts';
import { escapeHtml } from './escape-html.ts';

/**
 * A flame graph's place on the page: what the page's script fills (`page/flame-picture.ts`), what it means, its data, and
 * a table that says the same without it.
 *
 * @param table as HTML
 */
export function flameGraphHtml({ id, title, legend, data, folded, ownText }: FlameGraph, table: string): string {
  const place = escapeHtml(id);
  const name = escapeHtml(title);
  const figure = `<figure class="wide flame" id="${place}" data-title="${name}">
<figcaption><strong id="${place}-title">${name}</strong><span class="flame-legend" id="${place}-legend">${escapeHtml(legend)}</span></figcaption>
<div class="flame-tools" hidden>
<label class="choice">Show <select class="flame-shown"></select></label>
<label class="choice"><input type="checkbox" class="flame-compares"> compared with</label>
<label class="choice"><span class="quiet">Compared with</span><select class="flame-base"></select></label>
<button type="button" class="flame-whole" disabled>Whole graph</button>
<label>Search <input type="search" class="flame-search" spellcheck="false" autocomplete="off"></label>
<span class="flame-matches" role="status"></span>
</div>
${keyHtml(ownText, data.isCompared)}
<div class="flame-graph" id="${place}-graph" role="tree" tabindex="0" aria-labelledby="${place}-title" aria-describedby="${place}-help"></div>
<p class="flame-status"></p>
<p class="flame-help" id="${place}-help" hidden>${help}</p>
<div class="flame-table">${table}</div>
<script type="application/json" class="flame-data">${jsonText(data)}</script>
</figure>`;
  return folded ? `<details class="block"><summary>${name}</summary>${figure}</details>` : figure;
}

const help =
  'A click, or Enter, widens a frame to the whole picture; Escape goes back to its caller. Arrow keys move: down to a callee, up to the caller, left and right to those beside. Home is the first frame, / searches, n and N go to the next match and the one before.';

function keyHtml(ownText: string, isCompared: boolean): string {
  const origins = [ownText, 'other modules', 'Go’s standard library', 'Go’s runtime'].map(
    (text, index) => [`origin${index}`, text] as const,
  );
  return `<div class="flame-key" data-compared="${isCompared ? 'yes' : 'no'}">${coloursHtml([...origins, ['rest', 'smaller frames together']], 'plain')}${coloursHtml(
    changeKinds.map((kind) => [kind, changeTexts[kind]] as const),
    'compared',
  )}</div>`;
}

function coloursHtml(names: readonly (readonly [kind: string, text: string])[], of: string): string {
  const items = names.map(([kind, text]) => `<li><i class="${kind}"></i>${escapeHtml(text)}</li>`);
  return `<ul class="${of}">${items.join('')}</ul>`;
}

const changeTexts: Readonly<Record<(typeof changeKinds)[number], string>> = {
  'less-than-half': 'less than half',
  less: 'less by 10 % and more',
  same: 'about the same',
  more: 'more by 10 % and more',
  'more-than-double': 'twice as much and more, or new',
};

/** JSON that can end neither its element nor begin another. */
const jsonText = (data: object): string => JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
