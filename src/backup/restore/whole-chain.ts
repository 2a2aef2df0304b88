/** The last of the six steps: what the increments changed is put in, every node lists all of it, and the hash agrees. */
import { pollUntil } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { Json, World } from '../../core/fault.js';
import { agreedLeader, readMembers } from '../../core/members.js';
import type { Entry } from '../../core/registry.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Chain, snapshotOfChain } from '../chain.js';
import { entriesIn, sumOf } from '../content-hash.js';
import { durableContent } from '../snapshot.js';
import type { Done } from '../substep.js';
import { waitForRegistrations, whatClientsWrote } from './registrations.js';
import { listedNow, type Replayed, replay, settingsNow } from './replay.js';
import { type RulesReplayed, replayRules } from './replay-rules.js';

const LEADER_WITHIN_MS = 30_000;
const LEADER_EVERY_MS = 100;

export async function registrationsOf(world: World, chain: Chain): Promise<Done<null>> {
  const content = durableContent(snapshotOfChain(chain), null);
  const isChain = chain.increments.length > 0 || !chain.full.manifest.stable;
  if (!isChain) return withHash(world, chain, await waitForRegistrations(world, content));
  const before = new Map(
    Array.from(entriesIn(chain.full.snapshot), ({ service, instance, value }) => [`${service}/${instance}`, value]),
  );
  await leads(world);
  const replayed = await replay(world, chain);
  const rules = await replayRules(world, chain);
  const kept = new Set(replayed.kept);
  const listed = await waitForRegistrations(world, new Map([...content].filter(([key]) => !kept.has(key))), before);
  return withReplay(kept.size === 0 ? await withHash(world, chain, listed) : listed, replayed, rules);
}

/** Without a leader nothing can be put; whether there is one, is told again at the end. */
const leads = ({ cluster, clock, signal }: World): Promise<unknown> =>
  pollUntil(
    () => readMembers(cluster.registry, { limitMs: 2_000 }),
    (views) => agreedLeader(views) !== null,
    { clock, withinMs: LEADER_WITHIN_MS, everyMs: LEADER_EVERY_MS, ...(signal && { signal }) },
  );

/**
 * The state is the archive's if its hash is. Where it is not, clients have written since every node listed all of it, or
 * a setting differs; which of the two, is told by the archive's entries with the settings as they are now.
 */
async function withHash(world: World, chain: Chain, done: Done<null>): Promise<Done<null>> {
  const { settings_listed, state } = chain.newest.manifest;
  if (!settings_listed || done.outcome !== undefined) return done;
  const now = [...(await listedNow(world)).values()].filter(isDurable);
  const settings = await settingsNow(world);
  const { durableHash } = sumOf(now, settings);
  const isEqual = durableHash === state.durable_hash;
  const archived = [...entriesIn(snapshotOfChain(chain))].filter(isDurable);
  if (!isEqual && sumOf(archived, settings).durableHash !== state.durable_hash)
    throw otherState(state.durable_hash, durableHash);
  const others = isEqual ? 0 : notIn(archived, now);
  const text = isEqual
    ? bi(
        `; the content hash is the archive’s (${durableHash.slice(0, 12)}…)`,
        `；内容哈希与归档一致（${durableHash.slice(0, 12)}…）`,
      )
    : bi(
        `; by now clients have written ${others} others beside or over them`,
        `；此后客户端又写入或覆盖了 ${others} 个`,
      );
  return extended(done, text, { contentHash: durableHash, archiveHash: state.durable_hash, others });
}

const isDurable = ({ leased }: Entry): boolean => !leased;

/** How many are there now that the archive has not, or not so. */
function notIn(archived: readonly Entry[], now: readonly Entry[]): number {
  const values = new Map(archived.map((entry) => [`${entry.service}/${entry.instance}`, entry.value]));
  return now.filter((entry) => values.get(`${entry.service}/${entry.instance}`) !== entry.value).length;
}

function withReplay(done: Done<null>, replayed: Replayed, rules: RulesReplayed): Done<null> {
  const { put, removed, settings, kept } = replayed;
  const changes = bi(
    `; from the increments ${put} instances were put, ${removed} taken away, ${settings} settings changed`,
    `；按增量写入实例 ${put} 个、删除 ${removed} 个、修改设置 ${settings} 项`,
  );
  const left = whatClientsWrote(kept);
  const guard =
    rules.state === 'differ'
      ? bi(
          `; these access rules have to be set by hand: ${rules.rules.slice(0, 5).join(', ')}`,
          `；以下访问规则需手工设置：${rules.rules.slice(0, 5).join('、')}`,
        )
      : bi('', '');
  const text = bi(changes.en + left.en + guard.en, changes.zh + left.zh + guard.zh);
  const facts = { put, removed, settings, kept: [...kept], accessRules: rules.state };
  const sure = kept.length === 0 && rules.state !== 'differ';
  return { ...extended(done, text, { replayed: facts }), ...(sure ? {} : { outcome: 'unknown' as const }) };
}

const extended = (done: Done<null>, text: Bilingual, facts: Readonly<Record<string, Json>>): Done<null> => ({
  ...done,
  detail: bi(done.detail.en + text.en, done.detail.zh + text.zh),
  facts: { ...done.facts, ...facts },
});

const otherState = (wanted: string, found: string): WorldError =>
  new WorldError({
    code: 'restore-not-verified',
    message: bi(
      `all instances are listed, yet the content hash is ${found} and the archive’s ${wanted}: a setting differs, or was changed meanwhile`,
      `所有实例均已列出，但内容哈希为 ${found}，归档为 ${wanted}：某项设置不同，或期间被改动`,
    ),
    hint: bi('keep clients away from the registry and restore again', '请阻止客户端写入后重新恢复'),
  });
