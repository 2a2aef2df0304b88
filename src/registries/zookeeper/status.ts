/** What one server says of itself and of its leader. */
import type { Answer, MemberStatus } from '../../core/registry.js';
import type { Server } from './address.js';
import type { Admin, AdminReply, Fields } from './admin.js';
import { lostAnswer } from './answer.js';
import { askSrvr } from './four-letters.js';
import type { ServerNames } from './server-names.js';

export type Status = (signal: AbortSignal) => Promise<Answer<MemberStatus>>;

export interface StatusParts {
  readonly node: string;
  readonly server: Server;
  readonly names: ServerNames;
}

/** The upper half of a transaction's id counts the leaders. */
const epochOf = (zxid: number): number => Math.floor(zxid / 2 ** 32);

interface Leads {
  readonly leader: string | null;
  /** A follower shows the new epoch only after the first write in it: which one it is in, its leader knows. */
  readonly leaderZxid: number;
}

const NOBODY: Leads = { leader: null, leaderZxid: 0 };

interface Seen extends Leads {
  readonly version: string;
  readonly zxid: number;
  readonly voter: boolean;
}

const statusOf = (node: string, { version, leader, leaderZxid, zxid, voter }: Seen): Answer<MemberStatus> => ({
  outcome: 'ok',
  value: { node, version, leader, term: epochOf(Math.max(zxid, leaderZxid)), revision: zxid, clusterId: null, voter },
});

export function statusByAdmin(
  { node, names }: StatusParts,
  admin: Admin,
  adminOf: (node: string) => Admin | null,
): Status {
  // Asked of a server that does not serve, it says neither; both rarely change.
  let voter = true;
  let version = '';
  const learnMembers = async (signal: AbortSignal): Promise<void> => {
    if (names.idOf(node) === null) {
      const id = numberAt(await admin('conf', signal), 'server_id');
      if (id !== null) names.learn(id, node);
    }
    const members = objectAt(fieldsOf(await admin('voting_view', signal))?.current_config);
    const id = names.idOf(node);
    if (members === null || Object.keys(members).length === 0) return;
    names.learnAll(members);
    if (id !== null) voter = String(id) in members;
  };
  const whoLeads = async (leader: AdminReply, signal: AbortSignal): Promise<Leads> => {
    const id = numberAt(leader, 'leader_id');
    const name = id === null ? null : names.nameOf(id);
    if (name === null || name === node) return { leader: name, leaderZxid: 0 };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(OTHERS_LIMIT_MS)]);
    const told = await adminOf(name)?.('srvr', limit);
    return { leader: name, leaderZxid: (told && zxidIn(fieldsOf(told))) ?? 0 };
  };
  return async (signal) => {
    const [leader, srvr] = await Promise.all([admin('leader', signal), admin('srvr', signal), learnMembers(signal)]);
    for (const reply of [leader, srvr]) if (reply.kind === 'lost' || reply.kind === 'unsent') return lostAnswer(reply);
    const told = fieldsOf(srvr);
    if (told === null) {
      version = version || (await versionByEnvironment(admin, signal));
      return statusOf(node, { version, leader: null, leaderZxid: 0, zxid: 0, voter });
    }
    version = plainVersion(told.version);
    const zxid = zxidIn(told);
    if (zxid === null) return { outcome: 'unknown', reason: 'its status holds no last_processed_zxid' };
    const leads = told.read_only === true ? NOBODY : await whoLeads(leader, signal);
    return statusOf(node, { version, zxid, voter, ...leads });
  };
}

const zxidIn = (srvr: Fields | null): number | null => {
  const zxid = objectAt(srvr?.server_stats)?.last_processed_zxid;
  return typeof zxid === 'number' ? zxid : null;
};

/** A follower does not say by this way whom it follows: the others are asked who leads. */
export function statusByFourLetters({ node, server }: StatusParts, others: ReadonlyMap<string, Server>): Status {
  return async (signal) => {
    const own = await askSrvr(server, signal);
    if (own.kind !== 'answered') return lostAnswer(own);
    const { version } = own;
    if (own.serving === null) return statusOf(node, { version, ...NOBODY, zxid: 0, voter: true });
    const { mode, zxid } = own.serving;
    const seen = { version, zxid, voter: mode !== 'observer' };
    if (mode === 'leader' || mode === 'standalone') return statusOf(node, { ...seen, leader: node, leaderZxid: zxid });
    if (mode === 'read-only') return statusOf(node, { ...seen, ...NOBODY });
    return statusOf(node, { ...seen, ...(await whoSaysItLeads(others, signal)) });
  };
}

/** The first that says it leads; nobody = none of those that answered in time. */
async function whoSaysItLeads(others: ReadonlyMap<string, Server>, signal: AbortSignal): Promise<Leads> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(OTHERS_LIMIT_MS)]);
  const asked = [...others].map(async ([leader, server]): Promise<Leads> => {
    const answer = await askSrvr(server, limit);
    if (answer.kind !== 'answered' || answer.serving?.mode !== 'leader') throw new Error(`${leader} does not lead`);
    return { leader, leaderZxid: answer.serving.zxid };
  });
  // All refused: that is the answer.
  return Promise.any(asked).catch(() => NOBODY);
}

/** One that is frozen must not keep us from telling what the node itself has said. */
const OTHERS_LIMIT_MS = 200;

export const plainVersion = (version: unknown): string =>
  typeof version === 'string' ? (/^\d[^-,\s]*/.exec(version)?.[0] ?? version) : '';

async function versionByEnvironment(admin: Admin, signal: AbortSignal): Promise<string> {
  return plainVersion(fieldsOf(await admin('environment', signal))?.['zookeeper.version']);
}

const fieldsOf = (reply: AdminReply | undefined): Fields | null => (reply?.kind === 'answered' ? reply.fields : null);

function numberAt(reply: AdminReply | undefined, key: string): number | null {
  const value = fieldsOf(reply)?.[key];
  return typeof value === 'number' ? value : null;
}

const objectAt = (value: unknown): Fields | null => (typeof value === 'object' && value !== null ? { ...value } : null);
