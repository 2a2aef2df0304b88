import { readFileSync } from 'node:fs';
import { root } from './measure.mjs';

/** The first event of the committed sample run: a real drill, plan, recovery plan and rubric. */
export const openedBody = () => {
  const [line] = readFileSync(`${root}reports/sample/journal.jsonl`, 'utf8').split('\n');
  const { seq: _seq, at: _at, ms: _ms, prev: _prev, hash: _hash, ...body } = JSON.parse(line);
  return body;
};

/** Bodies of a quiet run: every entry registered once and found on every node, and `reads` discoveries. */
export function* bodiesOf({ entries, nodes, reads }) {
  const opened = openedBody();
  yield opened;
  yield { type: 'traffic.started', spec: opened.drill.traffic, services: [] };
  yield { type: 'phase.started', phase: 'execute' };
  const attempt = (op, entry, version, at) => ({ type: 'attempt', op, entry, version, durable: op === 'register', again: false, node: 'n1', dueMs: at, issuedMs: at, endedMs: at + 1, outcome: 'ok', reason: null, expected: op === 'discover' ? 10 : null, missing: op === 'discover' ? 0 : null });
  for (let i = 0; i < entries; i++) yield attempt('register', `svc-${i % 20}/i-${i}`, i + 1, i);
  for (let i = 0; i < reads; i++) yield attempt('discover', `svc-${i % 20}`, null, entries + i);
  for (let node = 1; node <= nodes; node++) {
    const parts = Math.ceil(entries / 500);
    for (let part = 0; part < parts; part++) {
      const found = Array.from({ length: Math.min(500, entries - part * 500) }, (_, i) => [`svc-${(part * 500 + i) % 20}/i-${part * 500 + i}`, part * 500 + i + 1]);
      yield { type: 'ledger.read', node: `n${node}`, readable: true, reason: null, part: part + 1, parts, entries: found };
    }
  }
  yield { type: 'phase.ended', phase: 'execute', outcome: 'pass' };
  yield { type: 'run.ended', ending: 'completed' };
}

/** The same as events in memory, for what does not look at the chain. */
export const journalOf = (size) => [...bodiesOf(size)].map((body, index) => ({ ...body, seq: index + 1, at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(), ms: index, prev: '', hash: '' }));
