import { describeMisses, MISSES, OF_EACH_KIND } from './misses.js';

describeMisses(
  Object.keys(MISSES).filter((name) => !OF_EACH_KIND.includes(name)),
  30_260,
);
