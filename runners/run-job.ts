import type { Plan } from '../model/plan.ts';
import type { LoadGenerator } from './generators/port.ts';
import type { LoadView } from './load-watch.ts';
import type { World } from './world.ts';

/** What a run needs beside its plan. */
export interface RunJob {
  readonly world: World;
  readonly plan: Plan;
  readonly engine: LoadGenerator;
  readonly runsDirectory: string;
  /** The bundled `requests` module or k6 script of a scenario; null for declarative endpoints. */
  readonly requestsModule: { readonly code: string; readonly hash: string } | null;
  /** Values of `env:PLIMSOLL_SECRET_n` references: given to the processes that need them, written nowhere. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Where the measurements go while the run lasts. */
  readonly onFolder: (path: string) => void;
  readonly onView: (view: LoadView) => void;
}
