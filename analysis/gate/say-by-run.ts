/** Something that is said of one run. */
export interface OfRun {
  readonly run: string;
  readonly text: string;
}

/** More are counted; who they are is in the details. */
const mostNamed = 3;

/** What is said of several runs is said once: "no cpu profile (a, b); stage 1 was not measured (5 runs)". */
export function sayByRun(list: readonly OfRun[]): string {
  return [...Map.groupBy(list, ({ text }) => text)]
    .map(([text, runs]) => `${text} (${namesOf(runs.map(({ run }) => run))})`)
    .join('; ');
}

const namesOf = (runs: readonly string[]): string =>
  runs.length <= mostNamed ? runs.join(', ') : `${runs.length} runs`;
