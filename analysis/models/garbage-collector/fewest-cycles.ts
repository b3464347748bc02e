/** Fewer collections than this make the figures of a stage rough: with n of them the rate is off by about 1/n. */
export const fewestCycles = 20;
