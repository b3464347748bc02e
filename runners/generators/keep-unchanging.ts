/**
 * What `make` makes of the request of an iteration that is due in a stage. Of a request that never changes (see
 * `ChooseRequest`: the same frozen object each time) it is made once a stage.
 *
 * @param make `isKept`: it is given again each time, so more may be done for it
 */
export function keepUnchanging<Request extends object, Made>(
  choose: (iteration: number) => Request,
  make: (request: Request, stage: number, isKept: boolean) => Made,
): (iteration: number, stage: number) => Made {
  const kept = new Map<Request, Map<number, Made>>();
  return (iteration, stage) => {
    const request = choose(iteration);
    let byStage = kept.get(request);
    if (byStage === undefined) {
      // Not asked of what is kept: k6's interpreter looks at each property.
      if (!Object.isFrozen(request)) return make(request, stage, false);
      kept.set(request, (byStage = new Map()));
    }
    let made = byStage.get(stage);
    if (made === undefined) byStage.set(stage, (made = make(request, stage, true)));
    return made;
  };
}
