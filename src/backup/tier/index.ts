/** Archives in stores: what is there, what they stand on, copies, and how long they are kept. */
export { chainOf, parentsAmong } from './chain.js';
export { contentOf, newestHeld, type StoreContent } from './content.js';
export { type Copied, type CopyOptions, copyChain, findChain, type Wanted } from './copy.js';
export { executePrune, type Pruning, planPrune } from './prune.js';
export { type Judged, judge as judgeArchives, type Kept } from './retention.js';
