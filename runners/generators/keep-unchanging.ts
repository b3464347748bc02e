import type { HttpRequest } from '../../model/traffic.ts';
import type { ChooseRequest } from './choose-request.ts';

/**
 * What `make` makes of the request of an iteration that is due in a stage. Of a request that never changes (see
 * `ChooseRequest`) it is made once a stage.
 *
 * @param make `isKept`: it is given again each time, so more may be done for it
 */
export function keepUnchanging<Made>(
  choose: ChooseRequest,
  make: (request: HttpRequest, stage: number, isKept: boolean) => Made,
): (iteration: number, stage: number) => Made {
  const kept = new Map<HttpRequest, Map<number, Made>>();
  return (iteration, stage) => {
    const request = choose(iteration);
    if (!Object.isFrozen(request)) return make(request, stage, false);
    let byStage = kept.get(request);
    if (byStage === undefined) kept.set(request, (byStage = new Map()));
    let made = byStage.get(stage);
    if (made === undefined) byStage.set(stage, (made = make(request, stage, true)));
    return made;
  };
}
