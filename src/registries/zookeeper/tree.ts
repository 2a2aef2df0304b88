/** The tree of nodes through one connection: what the adapter needs of it, with codes instead of exceptions. */
import type { Answer } from '../../core/registry.js';
import { lostAnswer, refusalOf } from './answer.js';
import type { JuteReader } from './jute.js';
import {
  type Acl,
  CODE,
  createBody,
  deleteBody,
  FLAG,
  getAclBody,
  multiBody,
  multiCode,
  OP,
  OPEN,
  own,
  RIGHTS,
  readAcls,
  readBody,
  readData,
  readStat,
  type Stat,
  setAclBody,
  setDataBody,
  syncBody,
} from './ops.js';
import type { Wire } from './wire.js';

/** What a request with a code that is no failure of its own may come to. */
type Ask = <T>(
  op: number,
  body: Buffer,
  read: (code: number, body: JuteReader) => T | typeof REFUSED,
) => Promise<Answer<T>>;

const REFUSED = Symbol('refused');

export interface Tree {
  readonly sessionId: bigint;
  /** Whom the server takes us for; null = for anybody. */
  readonly user: string | null;
  /** The newest transaction that the server had applied when it last answered. */
  readonly newestZxid: () => number;
  /** What was acknowledged before, by any server, is seen afterwards. */
  readonly sync: (path: string) => Promise<Answer<null>>;
  /** Null = there is no such node. */
  readonly children: (path: string) => Promise<Answer<readonly string[] | null>>;
  readonly get: (path: string) => Promise<Answer<{ readonly data: string; readonly stat: Stat } | null>>;
  readonly stat: (path: string) => Promise<Answer<Stat | null>>;
  readonly create: (
    path: string,
    data: string,
    as: keyof typeof FLAG,
  ) => Promise<Answer<'created' | 'exists' | 'no-parent'>>;
  /** Null = there is no such node, or not of that version. */
  readonly set: (path: string, data: string, version?: number) => Promise<Answer<true | null>>;
  readonly remove: (
    path: string,
    version?: number,
  ) => Promise<Answer<'removed' | 'absent' | 'not-empty' | 'other-version'>>;
  /** Null = there is no such node. */
  readonly rules: (path: string) => Promise<Answer<readonly Acl[] | null>>;
  readonly setRules: (path: string, rules: readonly Acl[]) => Promise<Answer<true | null>>;
  /** In one step: nobody sees it missing. */
  readonly replace: (
    path: string,
    data: string,
    how: { readonly as: keyof typeof FLAG; readonly version?: number },
  ) => Promise<Answer<'replaced' | 'changed'>>;
}

const outcomes =
  <T>(known: Readonly<Record<number, T>>) =>
  (code: number): T | typeof REFUSED =>
    known[code] ?? REFUSED;

const unlessGone =
  <T>(value: (body: JuteReader) => T) =>
  (code: number, body: JuteReader): T | null | typeof REFUSED => {
    if (code === CODE.noNode) return null;
    return code === CODE.ok ? value(body) : REFUSED;
  };

function askerOn(wire: Wire, signal: AbortSignal, distrust: () => void) {
  let newestZxid = 0;
  const ask: Ask = async (op, body, read) => {
    const askedAtMs = performance.now();
    const reply = await wire.request(op, body, signal);
    if (reply.kind !== 'answered') {
      // Not a word since we asked: it may be frozen, and nobody else should wait for it.
      if (wire.heardAtMs() < askedAtMs) distrust();
      return lostAnswer(reply);
    }
    newestZxid = reply.zxid;
    const value = read(reply.code, reply.body);
    return value === REFUSED ? refusalOf(reply.code, wire.user) : { outcome: 'ok', value };
  };
  return { ask, newestZxid: () => newestZxid };
}

export function treeOn(wire: Wire, signal: AbortSignal, distrust: () => void): Tree {
  const { ask, newestZxid } = askerOn(wire, signal, distrust);
  const rules: Tree['rules'] = (path) => ask(OP.getAcl, getAclBody(path), unlessGone(readAcls));
  const rulesFor = (path: string) => rulesOfNew(path, wire.user, rules);
  return {
    sessionId: wire.session.id,
    user: wire.user,
    newestZxid,
    sync: (path) => ask(OP.sync, syncBody(path), (code) => (code === CODE.ok || code === CODE.noNode ? null : REFUSED)),
    children: (path) =>
      ask(
        OP.getChildren,
        readBody(path),
        unlessGone((body) => body.texts()),
      ),
    get: (path) => ask(OP.getData, readBody(path), unlessGone(readData)),
    stat: (path) => ask(OP.exists, readBody(path), unlessGone(readStat)),
    create: async (path, data, as) => {
      const its = await rulesFor(path);
      if (its.outcome !== 'ok') return its;
      return ask(
        as === 'container' ? OP.createContainer : OP.create,
        createBody(path, data, { flag: FLAG[as], rules: its.value }),
        outcomes({ [CODE.ok]: 'created', [CODE.nodeExists]: 'exists', [CODE.noNode]: 'no-parent' } as const),
      );
    },
    set: (path, data, version) =>
      ask(OP.setData, setDataBody(path, data, version), (code) => {
        if (code === CODE.noNode || code === CODE.badVersion) return null;
        return code === CODE.ok ? true : REFUSED;
      }),
    remove: (path, version) =>
      ask(
        OP.delete,
        deleteBody(path, version),
        outcomes({
          [CODE.ok]: 'removed',
          [CODE.noNode]: 'absent',
          [CODE.notEmpty]: 'not-empty',
          [CODE.badVersion]: 'other-version',
        } as const),
      ),
    rules,
    setRules: (path, list) =>
      ask(
        OP.setAcl,
        setAclBody(path, list),
        unlessGone(() => true as const),
      ),
    replace: async (path, data, { as, version }) => {
      const its = await rulesFor(path);
      if (its.outcome !== 'ok') return its;
      return replace(ask, { path, data, flag: FLAG[as], rules: its.value, user: wire.user, version });
    },
  };
}

/** Who says who he is guards his registry: what is new gets the rules of its folder, or is its maker's alone. */
async function rulesOfNew(path: string, user: string | null, rules: Tree['rules']): Promise<Answer<readonly Acl[]>> {
  if (user === null) return { outcome: 'ok', value: OPEN };
  const above = await rules(path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  if (above.outcome === 'unknown') return above;
  const told = above.outcome === 'ok' ? above.value : null;
  return { outcome: 'ok', value: told === null || told.some(isVeiled) ? [own(RIGHTS.all)] : told };
}

/** To those without the right `admin` the server shows no password's hash: with such a rule nobody would get in. */
export const isVeiled = ({ scheme, id }: Acl): boolean => scheme === 'digest' && id.endsWith(':x');

interface Replacement {
  readonly path: string;
  readonly data: string;
  readonly flag: number;
  readonly rules: readonly Acl[];
  readonly user: string | null;
  readonly version: number | undefined;
}

/** The first part fails when somebody else has removed (or, with a version, changed) the node: then nothing is done. */
async function replace(
  ask: Ask,
  { path, data, user, version, ...making }: Replacement,
): Promise<Answer<'replaced' | 'changed'>> {
  const parts = [
    { op: OP.delete, body: deleteBody(path, version) },
    { op: OP.create, body: createBody(path, data, making) },
  ];
  const answer = await ask(OP.multi, multiBody(parts), (code, body) => (code === CODE.ok ? multiCode(body) : code));
  if (answer.outcome !== 'ok') return answer;
  if (answer.value === CODE.ok) return { outcome: 'ok', value: 'replaced' };
  const isOther = answer.value === CODE.noNode || answer.value === CODE.badVersion;
  return isOther ? { outcome: 'ok', value: 'changed' } : refusalOf(answer.value, user);
}
