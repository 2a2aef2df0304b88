/** The tree of nodes through one connection: what the adapter needs of it, with codes instead of exceptions. */
import type { Answer } from '../../core/registry.js';
import { lostAnswer, refusalOf } from './answer.js';
import type { JuteReader } from './jute.js';
import {
  CODE,
  createBody,
  deleteBody,
  FLAG,
  multiBody,
  multiCode,
  OP,
  readBody,
  readData,
  readStat,
  type Stat,
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
  /** Null = there is no such node. */
  readonly set: (path: string, data: string) => Promise<Answer<true | null>>;
  readonly remove: (path: string) => Promise<Answer<'removed' | 'absent' | 'not-empty'>>;
  /** In one step: nobody sees it missing. */
  readonly replace: (path: string, data: string, as: keyof typeof FLAG) => Promise<Answer<'replaced' | 'changed'>>;
}

export function treeOn(wire: Wire, signal: AbortSignal, distrust: () => void): Tree {
  const ask: Ask = async (op, body, read) => {
    const askedAtMs = performance.now();
    const reply = await wire.request(op, body, signal);
    if (reply.kind !== 'answered') {
      // Not a word since we asked: it may be frozen, and nobody else should wait for it.
      if (wire.heardAtMs() < askedAtMs) distrust();
      return lostAnswer(reply);
    }
    const value = read(reply.code, reply.body);
    return value === REFUSED ? refusalOf(reply.code) : { outcome: 'ok', value };
  };
  const outcomes =
    <T>(known: Readonly<Record<number, T>>) =>
    (code: number): T | typeof REFUSED =>
      known[code] ?? REFUSED;
  return {
    sessionId: wire.session.id,
    sync: (path) => ask(OP.sync, syncBody(path), (code) => (code === CODE.ok || code === CODE.noNode ? null : REFUSED)),
    children: (path) =>
      ask(OP.getChildren, readBody(path), (code, body) => {
        if (code === CODE.noNode) return null;
        return code === CODE.ok ? body.texts() : REFUSED;
      }),
    get: (path) =>
      ask(OP.getData, readBody(path), (code, body) => {
        if (code === CODE.noNode) return null;
        return code === CODE.ok ? readData(body) : REFUSED;
      }),
    stat: (path) =>
      ask(OP.exists, readBody(path), (code, body) => {
        if (code === CODE.noNode) return null;
        return code === CODE.ok ? readStat(body) : REFUSED;
      }),
    create: (path, data, as) =>
      ask(
        as === 'container' ? OP.createContainer : OP.create,
        createBody(path, data, FLAG[as]),
        outcomes({ [CODE.ok]: 'created', [CODE.nodeExists]: 'exists', [CODE.noNode]: 'no-parent' } as const),
      ),
    set: (path, data) =>
      ask(OP.setData, setDataBody(path, data), (code) => {
        if (code === CODE.noNode) return null;
        return code === CODE.ok ? true : REFUSED;
      }),
    remove: (path) =>
      ask(
        OP.delete,
        deleteBody(path),
        outcomes({ [CODE.ok]: 'removed', [CODE.noNode]: 'absent', [CODE.notEmpty]: 'not-empty' } as const),
      ),
    replace: (path, data, as) => replace(ask, { path, data, flag: FLAG[as] }),
  };
}

/** The first part fails when somebody else has removed the node: then nothing is done. */
async function replace(
  ask: Ask,
  { path, data, flag }: { readonly path: string; readonly data: string; readonly flag: number },
): Promise<Answer<'replaced' | 'changed'>> {
  const parts = [
    { op: OP.delete, body: deleteBody(path) },
    { op: OP.create, body: createBody(path, data, flag) },
  ];
  const answer = await ask(OP.multi, multiBody(parts), (code, body) => (code === CODE.ok ? multiCode(body) : code));
  if (answer.outcome !== 'ok') return answer;
  if (answer.value === CODE.ok) return { outcome: 'ok', value: 'replaced' };
  return answer.value === CODE.noNode ? { outcome: 'ok', value: 'changed' } : refusalOf(answer.value);
}
