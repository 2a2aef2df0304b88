/**
 * End of the first acknowledged write after the fault from which on one of the nodes that are left acknowledged 99 % for a
 * second: what a client of that node would have felt, seen every few milliseconds. Answers in the order they were sent.
 */
export function endOfOutage(answers, faultMs) {
  const nodes = [...new Set(answers.map(({ node }) => node))];
  const ends = nodes.flatMap((node) => backOn(answers.filter((answer) => answer.sentMs > faultMs && answer.node === node)));
  if (ends.length === 0) throw new Error('the prober saw no recovery');
  return Math.min(...ends);
}

function backOn(after) {
  const okBefore = [0];
  for (const { ok } of after) okBefore.push(okBefore.at(-1) + ok);
  let past = 0;
  for (const [from, { sentMs, endedMs, ok }] of after.entries()) {
    if (ok === 0) continue;
    while (past < after.length && after[past].sentMs < sentMs + 1_000) past += 1;
    if ((okBefore[past] - okBefore[from]) / (past - from) >= 0.99) return [endedMs];
  }
  return [];
}
