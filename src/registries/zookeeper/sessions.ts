/**
 * Sessions that instances hang on, ended by somebody who is not their owner. A server takes back a session by its id and
 * password, and makes the password of the id by a rule of its own: `java.util.Random`, seeded with the id and a constant
 * of its source. So whoever sees the owner of an ephemeral node may close its session; the owner learns that it expired.
 */
import type { Answer, CallOptions } from '../../core/registry.js';
import type { LeaseAbility } from '../../core/registry-abilities.js';
import type { Access } from './access.js';
import { lostAnswer, refusalOf } from './answer.js';
import { CODE, OP } from './ops.js';
import type { Place } from './snapshot-content.js';
import type { Tree } from './tree.js';

export const zookeeperSessions = (accessOf: (node: string) => Access, place: Place): LeaseAbility => ({
  heldOn: (node, options) => accessOf(node).onTree(options, (tree) => ownersUnder(tree, place)),
  revoke: (node, leaseId, options) => closed(accessOf(node), BigInt.asIntN(64, BigInt(`0x${leaseId}`)), options),
});

async function ownersUnder(tree: Tree, { base, layout }: Place): Promise<Answer<readonly string[]>> {
  const services = await tree.children(base);
  if (services.outcome !== 'ok') return services;
  const owners = new Set<string>();
  for (const service of services.value ?? []) {
    const folder = layout.folderOf(base, layout.serviceOf(service));
    const names = await tree.children(folder);
    if (names.outcome !== 'ok') return names;
    const stats = await Promise.all((names.value ?? []).map((name) => tree.stat(`${folder}/${name}`)));
    for (const stat of stats) {
      if (stat.outcome !== 'ok') return stat;
      const owner = stat.value?.owner ?? null;
      if (owner !== null) owners.add(BigInt.asUintN(64, owner).toString(16));
    }
  }
  return { outcome: 'ok', value: [...owners].sort() };
}

/** Asked for again: the server gives what it gives, and it is over in a moment. */
const TIMEOUT_MS = 10_000;

/** A session that is gone and one whose password is another look alike: both are refused. The caller looks who is left. */
async function closed(access: Access, id: bigint, options: CallOptions): Promise<Answer<null>> {
  const session = { id, password: passwordOf(id), timeoutMs: TIMEOUT_MS };
  const answer = await access.attached(session, options, async (wire, signal): Promise<Answer<null>> => {
    const reply = await wire.request(OP.closeSession, Buffer.alloc(0), signal);
    if (reply.kind !== 'answered') return lostAnswer(reply);
    return reply.code === CODE.ok ? { outcome: 'ok', value: null } : refusalOf(reply.code, wire.user);
  });
  return answer.outcome !== 'ok' && answer.leaseGone === true ? { outcome: 'ok', value: null } : answer;
}

const SECRET = 0xb341_5c00n;
const MULTIPLIER = 0x5_deec_e66dn;
const MASK = (1n << 48n) - 1n;
const WORDS = 4;

function passwordOf(sessionId: bigint): Buffer {
  const password = Buffer.alloc(4 * WORDS);
  let state = (BigInt.asUintN(64, sessionId ^ SECRET) ^ MULTIPLIER) & MASK;
  for (let word = 0; word < WORDS; word += 1) {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    password.writeUInt32LE(Number(state >> 16n), 4 * word);
  }
  return password;
}
