import type { Cell, Table } from '../document.ts';

/** Gives a table of the report another caption, other columns and other rows. */
export function writeTable(place: HTMLElement, { caption, columns, rows }: Table): void {
  for (const text of place.querySelectorAll('caption, .caption, summary')) text.textContent = caption;
  place.querySelector('.scroll')?.setAttribute('aria-label', caption);
  const titles = columns.map(({ title, align }) => cellOf('th', title, align !== 'left', 'col'));
  place.querySelector('thead')?.replaceChildren(rowOf(titles));
  place.querySelector('tbody')?.replaceChildren(...rows.map((row) => rowOf(row.map(bodyCell))));
}

function bodyCell(cell: Cell, column: number): HTMLElement {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'normal' } : cell;
  const element = column === 0 ? cellOf('th', text, false, 'row') : cellOf('td', text, true, null);
  element.classList.add(tone);
  return element;
}

function cellOf(name: 'th' | 'td', text: string, isRight: boolean, scope: string | null): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  element.classList.toggle('right', isRight);
  if (scope !== null) element.setAttribute('scope', scope);
  return element;
}

function rowOf(cells: readonly HTMLElement[]): HTMLElement {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}
