/**
 * The ledger worked out a second time, from the journal's lines and a reading by other people's clients. Shares no code
 * with the product: what follows is semantics.md's “Ledger”, for entries whose newest acknowledged write is told.
 */

/** What one node holds: `service/instance` → version; null = a value that no canary wrote. */
export type Holding = ReadonlyMap<string, number | null>;

export interface NodeOpinion {
  readonly node: string;
  readonly present: number;
  readonly absent: number;
  readonly stale: number;
  readonly ghost: number;
  readonly resurrected: number;
}

export interface Opinion {
  readonly nodes: readonly NodeOpinion[];
  /** Acknowledged, never removed, and on no node at all. */
  readonly lost: readonly string[];
  /** On some node, but its newest acknowledged version is on none. */
  readonly outdated: readonly string[];
  /** Removed with an acknowledgement, and there again. */
  readonly resurrected: readonly string[];
  readonly acknowledged: number;
}

interface Write {
  readonly entry: string;
  readonly issuedMs: number;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** The version it leaves; null = none. */
  readonly leaves: number | null;
}

interface Account {
  readonly must: number | null;
  /** Versions of writes that nobody acknowledged. */
  readonly maybe: ReadonlySet<number>;
  /** Those of them that were issued after the newest acknowledged one: they may rightly stand in its place. */
  readonly maybeSince: ReadonlySet<number>;
  readonly maybeGone: boolean;
}

export function secondOpinion(journal: string, readings: ReadonlyMap<string, Holding>): Opinion {
  const writes = writesIn(journal);
  const written = new Set(writes.map(({ entry }) => entry));
  const accounts = new Map([...written].map((name) => [name, account(writes.filter(({ entry }) => entry === name))]));
  const all = new Set([...accounts.keys(), ...[...readings.values()].flatMap((held) => [...held.keys()])]);
  const seen = (entry: string) => [...readings.values()].map((held) => held.get(entry));
  const mustOf = (entry: string): number | null => accounts.get(entry)?.must ?? null;
  const owed = [...all].filter((entry) => mustOf(entry) !== null && accounts.get(entry)?.maybeGone === false);
  const without = owed.filter((entry) => !seen(entry).some((state) => state === mustOf(entry)));
  return {
    nodes: [...readings].map(([node, held]) => ({ node, ...count([...all], held, accounts) })),
    lost: without.filter((entry) => seen(entry).every((state) => state === undefined)).sort(),
    outdated: without.filter((entry) => seen(entry).some((state) => state !== undefined && !isMaybe(entry, state))),
    resurrected: [...all].filter((entry) => seen(entry).some((state) => isBack(state, accounts.get(entry)))).sort(),
    acknowledged: writes.filter(({ outcome }) => outcome === 'ok').length,
  };

  function isMaybe(entry: string, state: number | null): boolean {
    return state !== null && accounts.get(entry)?.maybeSince.has(state) === true;
  }
}

const isBack = (state: number | null | undefined, of: Account | undefined): boolean =>
  state !== undefined && (of?.must ?? null) === null && !(state !== null && of?.maybe.has(state));

function writesIn(journal: string): readonly Write[] {
  const lines = journal.trimEnd().split('\n');
  return lines.flatMap((line): readonly Write[] => {
    const event = JSON.parse(line);
    if (event.type !== 'attempt' || (event.node === null && event.outcome === 'failed')) return [];
    const { entry, issuedMs, outcome, version } = event;
    if (event.op === 'deregister') return [{ entry, issuedMs, outcome, leaves: null }];
    return event.op === 'register' && version !== null ? [{ entry, issuedMs, outcome, leaves: version }] : [];
  });
}

function account(writes: readonly Write[]): Account {
  const inOrder = writes.toSorted((a, b) => a.issuedMs - b.issuedMs);
  const newest = inOrder.findLastIndex(({ outcome }) => outcome === 'ok');
  const doubtful = inOrder.filter(({ outcome }) => outcome === 'unknown');
  const since = inOrder.slice(newest + 1).filter(({ outcome }) => outcome === 'unknown');
  return {
    must: inOrder[newest]?.leaves ?? null,
    maybe: new Set(doubtful.flatMap(({ leaves }) => leaves ?? [])),
    maybeSince: new Set(since.flatMap(({ leaves }) => leaves ?? [])),
    maybeGone: since.some(({ leaves }) => leaves === null),
  };
}

function count(
  all: readonly string[],
  held: Holding,
  accounts: ReadonlyMap<string, Account>,
): Omit<NodeOpinion, 'node'> {
  const counts = { present: 0, absent: 0, stale: 0, ghost: 0, resurrected: 0 };
  for (const entry of all) {
    const is = classOf(held.get(entry), accounts.get(entry));
    if (is !== null) counts[is] += 1;
  }
  return counts;
}

/** Null = rightly not there. */
function classOf(seen: number | null | undefined, of: Account | undefined): keyof Omit<NodeOpinion, 'node'> | null {
  const must = of?.must ?? null;
  if (seen === undefined) return must === null ? null : of?.maybeGone ? 'ghost' : 'absent';
  if (seen !== null && seen === must) return 'present';
  if (seen !== null && of?.maybe.has(seen)) return 'ghost';
  return must === null ? 'resurrected' : 'stale';
}
