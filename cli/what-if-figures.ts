import type { WhatIfAnswer } from '../analysis/what-if/what-if.ts';
import type { WhatIfChange } from '../analysis/what-if/what-if-change.ts';
import type { Verification } from './verify-prediction.ts';

/** What `plimsoll whatif --json` prints, `schema` apart; where it is refused every prediction is null. */
export interface WhatIfFigures {
  readonly runs: readonly string[];
  readonly change: WhatIfChange;
  readonly instancePerSecond: number;
  readonly measured: WhatIfAnswer['measured'];
  readonly predictions: {
    readonly [Key in keyof NonNullable<WhatIfAnswer['predictions']>]:
      | NonNullable<WhatIfAnswer['predictions']>[Key]
      | null;
  };
  readonly refused: string | null;
  readonly verified: Verification | null;
  readonly model: WhatIfAnswer['model'];
  readonly warnings: readonly { readonly code: 'taken-for-granted'; readonly message: string }[];
}

export function whatIfFigures(
  run: string,
  change: WhatIfChange,
  { predictions, instancePerSecond, measured, refused, model, notes }: WhatIfAnswer,
  verified: Verification | null,
): WhatIfFigures {
  return {
    runs: [run],
    change,
    instancePerSecond,
    measured,
    predictions: predictions ?? {
      responseTimeMs: null,
      throughputPerSecond: null,
      limiter: null,
      headroomShare: null,
    },
    refused,
    verified,
    model,
    warnings: notes.map((message) => ({ code: 'taken-for-granted', message })),
  };
}
