import { codeOrigin } from './code-origin.ts';
import { placeText } from './place-text.ts';
import type { StackFrame } from './sample-stacks.ts';

/** The innermost frame of the service's own code: what somebody can change. Null where there is none on the stack. */
export function ownSite(frames: readonly StackFrame[], modulePath: string | null): StackFrame | null {
  return frames.find((frame) => codeOrigin(frame.function, modulePath) === 'own') ?? null;
}

/** `shop.price (orders/price.go:42)` */
export function frameText({ function: name, file, line }: StackFrame): string {
  const place = placeText(file, line === 0 ? null : line);
  return place === null ? name : `${name} (${place})`;
}
