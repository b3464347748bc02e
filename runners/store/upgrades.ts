/** From one format version to the next: pure functions of what JSON gave. */
export interface Upgrade {
  readonly from: number;
  /** The content of `run.json`; its `formatVersion` is set by the caller. */
  readonly summary: (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** One line of the traffic, as text. */
  readonly trafficLine?: (text: string) => string;
  readonly scrape?: (data: unknown) => unknown;
}

/** All steps of a way, joined. */
export type UpgradePath = Required<Omit<Upgrade, 'from'>>;

/** In order, one per version that ever was; format 1 is the first. */
export const upgrades: readonly Upgrade[] = [];

/** Functions that bring what an old folder holds to the present version; null where a step is missing. */
export function upgradeFrom(
  version: number,
  present: number,
  steps: readonly Upgrade[] = upgrades,
): UpgradePath | null {
  const path: Upgrade[] = [];
  for (let from = version; from < present; from++) {
    const step = steps.find((candidate) => candidate.from === from);
    if (step === undefined) return null;
    path.push(step);
  }
  return {
    summary: (data) => ({ ...path.reduce((value, step) => step.summary(value), data), formatVersion: present }),
    trafficLine: (text) => path.reduce((value, step) => step.trafficLine?.(value) ?? value, text),
    scrape: (data) => path.reduce((value, step) => step.scrape?.(value) ?? value, data),
  };
}
