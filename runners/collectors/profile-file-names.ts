import type { ProfileCapturePlan } from '../../model/plan.ts';

/**
 * One file name per planned capture, in order: `profiles/03-cpu.pb.gz` for stage 3, `profiles/baseline-heap.pb.gz` for
 * what belongs to no stage. A further capture of the same stage and kind gets `-2`, `-3` …, those of a further address
 * `-instance-2` …
 */
export function profileFileNames(captures: readonly ProfileCapturePlan[], instance: number): string[] {
  const seen = new Map<string, number>();
  return captures.map(({ stage, label, kind }) => {
    const name = `${stage === null ? label : String(stage).padStart(2, '0')}-${kind}${instance === 1 ? '' : `-instance-${instance}`}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return `profiles/${name}${nth === 1 ? '' : `-${nth}`}.pb.gz`;
  });
}
