/** The only public entry: what a scenario file imports. */
export { defineScenario } from './scenarios/define-scenario.ts';
export type * from './model/scenario.ts';
export type { HttpRequest, RequestInput, Requests } from './model/traffic.ts';
export type { Random } from './model/random.ts';
