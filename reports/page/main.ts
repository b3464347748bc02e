import { FlamePicture } from './flame-picture.ts';

// Runs in the reader's browser: what a report can do beyond being read. Without it the tables say the same.
for (const figure of document.querySelectorAll<HTMLElement>('figure.flame')) {
  const details = figure.closest('details');
  const draw = (): void => {
    if (figure.dataset['drawn'] === 'yes') return;
    figure.dataset['drawn'] = 'yes';
    new FlamePicture(figure).show();
  };
  // What is folded is drawn when it is opened.
  if (details === null || details.open) draw();
  else details.addEventListener('toggle', draw);
}
