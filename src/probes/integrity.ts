/** What durable content must be there, what each node holds of it, and how the two compare (seed §5.3). */
import type { Snapshot } from '../core/backup.js';
import { isCanary } from '../core/canary.js';
import type { ExpectedEntries, ProbeWorld, Sample } from '../core/probe.js';
import type { Answer, Entry } from '../core/registry.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { unknown } from './need-cluster.js';
import { type NewestArchive, newestSound } from './newest-archive.js';

/** Key `service/instance` → raw value. */
export type Content = ReadonlyMap<string, string>;

export interface NodeContent {
  readonly node: string;
  readonly content: Content | null;
  readonly reason: string;
}

export interface IntegrityReading {
  readonly expected: Content;
  readonly nodes: readonly NodeContent[];
  readonly archive: Snapshot | null;
  /** Where the expectation comes from. */
  readonly source: Bilingual;
}

type Reading =
  | { readonly told: true; readonly reading: IntegrityReading }
  | { readonly told: false; readonly sample: Sample };

/** Reads the expectation and every node's own copy. `except` leaves one service out on both sides. */
export async function readIntegrity(cluster: Cluster, world: ProbeWorld, except: string | null): Promise<Reading> {
  const before = world.expected();
  const [archive, listings] = await Promise.all([newestIfAny(world), listNodes(cluster, world)]);
  if (archive !== null && archive.state !== 'sound') return { told: false, sample: unknown(whyNoArchive(archive)) };
  const snapshot = archive?.snapshot ?? null;
  const scope = scopeOf({ before, after: world.expected(), listings, except, scratch: world.scratchService, snapshot });
  const expected = new Map([...archived(snapshot), ...(before?.must ?? [])].filter(([key]) => scope.judges(key)));
  if (expected.size === 0) {
    const reason = bi(
      'neither an archive nor the ledger says what must be there',
      '既没有归档也没有账本说明应有的内容',
    );
    return { told: false, sample: unknown(reason) };
  }
  const nodes = listings.map(({ node, answer }): NodeContent => {
    if (answer.outcome !== 'ok') return { node, content: null, reason: answer.reason };
    const durable = answer.value.filter((entry) => !entry.leased && scope.judges(keyOf(entry)));
    return { node, content: new Map(durable.map((entry) => [keyOf(entry), entry.value])), reason: '' };
  });
  return { told: true, reading: { expected, nodes, archive: snapshot, source: sourceText(archive, before) } };
}

interface Listing {
  readonly node: string;
  readonly answer: Answer<readonly Entry[]>;
}

const listNodes = (cluster: Cluster, { limitMs, signal }: ProbeWorld): Promise<readonly Listing[]> =>
  Promise.all(
    cluster.registry.nodes.map(async (node) => ({
      node,
      answer: await cluster.registry.client(node).listOwn({ limitMs, ...(signal && { signal }) }),
    })),
  );

const newestIfAny = async (world: ProbeWorld): Promise<NewestArchive | null> =>
  world.archives.length === 0 ? null : newestSound(world);

const keyOf = (entry: Entry): string => `${entry.service}/${entry.instance}`;
const serviceOf = (key: string): string => key.slice(0, key.indexOf('/'));

/** The archive's canary entries are old by now: of those the ledger speaks. */
const archived = (snapshot: Snapshot | null): readonly (readonly [string, string])[] =>
  (snapshot?.services ?? [])
    .filter(({ name }) => !isCanary(name))
    .flatMap(({ name, instances }) =>
      instances.filter(({ leased }) => !leased).map(({ id, raw }) => [`${name}/${id}`, raw] as const),
    );

/** Which keys are judged at all: durable, settled, and of a part that somebody vouches for. */
function scopeOf(from: {
  readonly before: ExpectedEntries | null;
  readonly after: ExpectedEntries | null;
  readonly listings: readonly Listing[];
  readonly except: string | null;
  readonly scratch: string;
  readonly snapshot: Snapshot | null;
}): { readonly judges: (key: string) => boolean } {
  const { before, after, except, scratch, snapshot } = from;
  const leasedNow = from.listings.flatMap(({ answer }) =>
    answer.outcome === 'ok' ? answer.value.filter(({ leased }) => leased).map(keyOf) : [],
  );
  const leased = new Set([...(before?.leased ?? []), ...(after?.leased ?? []), ...leasedNow]);
  // Written while we read: a node may show either state and be right.
  const moving = (key: string): boolean => before?.must.get(key) !== after?.must.get(key);
  const doubtful = (key: string): boolean => before?.tolerated.has(key) === true || after?.tolerated.has(key) === true;
  const judgesCanary = (key: string): boolean => before !== null && !leased.has(key) && !doubtful(key) && !moving(key);
  return {
    judges: (key) => {
      const service = serviceOf(key);
      if (service === except || service === scratch) return false;
      return isCanary(service) ? judgesCanary(key) : snapshot !== null;
    },
  };
}

function whyNoArchive(archive: Exclude<NewestArchive, { readonly state: 'sound' }>): Bilingual {
  if (archive.state === 'unread') return archive.reason;
  return bi(
    `none of the ${archive.damaged} archives is sound, so nothing says what must be there`,
    `${archive.damaged} 个归档无一完好，无从得知应有的内容`,
  );
}

function sourceText(
  archive: (NewestArchive & { readonly state: 'sound' }) | null,
  before: ExpectedEntries | null,
): Bilingual {
  const file = archive === null ? null : archive.info.fileName;
  const en = [file, before === null ? null : 'the ledger'].filter((part) => part !== null).join(' and ');
  const zh = [file, before === null ? null : '账本'].filter((part) => part !== null).join(' 与 ');
  return bi(en, zh);
}

/** False once one node is seen to differ; unknown while a node cannot be read; true when every node is the same. */
export function judge(reading: IntegrityReading, same: (content: Content) => boolean): boolean | null {
  if (reading.nodes.some(({ content }) => content !== null && !same(content))) return false;
  return reading.nodes.some(({ content }) => content === null) ? null : true;
}

const NAMES_SHOWN = 3;

/** Names what differs on the first node that differs, and which nodes could not be read; empty when all is well. */
export function differences({ expected, nodes }: IntegrityReading): Bilingual {
  const unread = nodes.filter(({ content }) => content === null).map(({ node, reason }) => `${node} (${reason})`);
  const differing = nodes.flatMap(({ node, content }) => {
    if (content === null) return [];
    const missing = [...expected.keys()].filter((key) => !content.has(key));
    const extra = [...content.keys()].filter((key) => !expected.has(key));
    const changed = [...expected].filter(([key, value]) => content.has(key) && content.get(key) !== value);
    return missing.length + extra.length + changed.length === 0
      ? []
      : [{ node, missing, extra, changed: changed.map(([key]) => key) }];
  });
  const first = differing[0];
  const list = (names: readonly string[]): string => `${names.length} (${names.slice(0, NAMES_SHOWN).join(', ')})`;
  const en: string[] = [];
  const zh: string[] = [];
  if (unread.length > 0) {
    en.push(`not readable: ${unread.join(', ')}`);
    zh.push(`不可读：${unread.join('、')}`);
  }
  if (first !== undefined) {
    en.push(
      `${first.node}: missing ${list(first.missing)}, extra ${list(first.extra)}, other value ${list(first.changed)}`,
    );
    zh.push(`${first.node}：缺失 ${list(first.missing)}，多出 ${list(first.extra)}，值不同 ${list(first.changed)}`);
  }
  return bi(en.map((text) => `; ${text}`).join(''), zh.map((text) => `；${text}`).join(''));
}
