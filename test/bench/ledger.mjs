import { measure } from '../../dist/measure/index.js';
import { journalOf } from './synthetic.mjs';
import { median, seconds } from './measure.mjs';

/** 10,000 entries on 5 nodes compared; everything else of `measure` included. */
export async function ledger() {
  const events = journalOf({ entries: 10_000, nodes: 5, reads: 0 });
  const once = () => {
    const started = performance.now();
    const measured = measure(events);
    if (measured.ledger?.present !== 10_000) throw new Error(`expected 10,000 entries present, got ${measured.ledger?.present}`);
    return performance.now() - started;
  };
  const ms = median(Array.from({ length: 5 }, once));
  return [{ work: 'ledger: 10,000 entries × 5 nodes compared', must: '< 1 s', measured: seconds(ms), ok: ms < 1000 }];
}
