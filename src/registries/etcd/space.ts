/** etcd's room: how much is used of the quota, the alarm that it is used up, and the way back. */
import type { Answer, CallOptions } from '../../core/registry.js';
import type { SpaceAbility } from '../../core/registry-abilities.js';
import { within } from '../within.js';
import { readAnswer, readBytes } from './answer.js';
import type { Gateway } from './gateway.js';
import { integerAt, type JsonObject, objectAt, objectsAt, textAt } from './json.js';
import { encode, folderRange } from './keys.js';

const NOSPACE = 'NOSPACE';
const QUOTA = /^etcd_server_quota_backend_bytes (\S+)$/m;

type Ask = (path: string, body: object) => Promise<Answer<JsonObject>>;

export function etcdSpace(gatewayOf: (node: string) => Gateway): SpaceAbility {
  const asking = <T>(node: string, options: CallOptions, work: (ask: Ask) => Promise<Answer<T>>): Promise<Answer<T>> =>
    within(options, (signal) => work(async (path, body) => readAnswer(await gatewayOf(node).post(path, body, signal))));

  return {
    use: (node, options) =>
      within(options, async (signal) => {
        const status = readAnswer(await gatewayOf(node).post('/v3/maintenance/status', {}, signal));
        if (status.outcome !== 'ok') return status;
        const metrics = readBytes(await gatewayOf(node).get('/metrics', signal));
        if (metrics.outcome !== 'ok') return metrics;
        const quotaBytes = Number(QUOTA.exec(metrics.value.toString())?.[1]);
        if (!(quotaBytes > 0)) return { outcome: 'unknown', reason: 'its metrics hold no quota' };
        return { outcome: 'ok', value: { usedBytes: integerAt(status.value, 'dbSize'), quotaBytes } };
      }),
    exhausted: (node, options) => asking(node, options, alarmed),
    anchor: (node, { id, ttlMs }, options) =>
      asking(node, options, async (ask) => {
        const granted = await ask('/v3/lease/grant', { ID: id, TTL: Math.ceil(ttlMs / 1_000) });
        const already = granted.outcome !== 'ok' && /lease already exists/.test(granted.reason);
        return already ? { outcome: 'ok', value: null } : done(granted);
      }),
    fill: (node, { folder, anchor, name, bytes }, options) =>
      asking(node, options, async (ask) => {
        const put = { key: encode(folder + name), value: encode('.'.repeat(bytes)), lease: anchor };
        return done(await ask('/v3/kv/put', put));
      }),
    release: (node, anchor, options) =>
      asking(node, options, async (ask): Promise<Answer<{ readonly existed: boolean }>> => {
        const revoked = await ask('/v3/lease/revoke', { ID: anchor });
        if (revoked.outcome === 'ok') return { outcome: 'ok', value: { existed: true } };
        return revoked.leaseGone === true ? { outcome: 'ok', value: { existed: false } } : revoked;
      }),
    fillers: (node, folder, options) =>
      asking(node, options, async (ask) => {
        const answer = await ask('/v3/kv/range', { ...folderRange(folder), serializable: true, count_only: true });
        return answer.outcome === 'ok' ? { outcome: 'ok', value: integerAt(answer.value, 'count') } : answer;
      }),
    forget: (node, folder, options) => asking(node, options, (ask) => forget(ask, folder)),
    shrink: (node, options) => asking(node, options, async (ask) => done(await ask('/v3/maintenance/defragment', {}))),
    disarm: (node, options) => asking(node, options, disarm),
  };
}

async function alarmed(ask: Ask): Promise<Answer<readonly string[]>> {
  const answer = await ask('/v3/maintenance/alarm', { action: 'GET' });
  if (answer.outcome !== 'ok') return answer;
  const raised = objectsAt(answer.value, 'alarms').filter((alarm) => textAt(alarm, 'alarm') === NOSPACE);
  return { outcome: 'ok', value: raised.flatMap((alarm) => textAt(alarm, 'memberID') ?? []) };
}

/** Deleted keys stay in the file until their history is compacted. */
async function forget(ask: Ask, folder: string): Promise<Answer<null>> {
  const deleted = await ask('/v3/kv/deleterange', folderRange(folder));
  if (deleted.outcome !== 'ok') return deleted;
  const revision = textAt(objectAt(deleted.value, 'header'), 'revision');
  const compacted = await ask('/v3/kv/compaction', { revision, physical: true });
  const already = compacted.outcome !== 'ok' && /has been compacted/.test(compacted.reason);
  return already ? { outcome: 'ok', value: null } : done(compacted);
}

/** By the member that raised it: for member 0 etcd answers well and does nothing. */
async function disarm(ask: Ask): Promise<Answer<null>> {
  const raised = await alarmed(ask);
  if (raised.outcome !== 'ok') return raised;
  for (const memberID of raised.value) {
    const answer = await ask('/v3/maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm: NOSPACE });
    if (answer.outcome !== 'ok') return answer;
  }
  return { outcome: 'ok', value: null };
}

const done = (answer: Answer<JsonObject>): Answer<null> =>
  answer.outcome === 'ok' ? { outcome: 'ok', value: null } : answer;
