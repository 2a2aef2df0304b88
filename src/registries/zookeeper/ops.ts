/** ZooKeeper's requests, each as bytes to send and what its answer says. */
import { bool, int, type JuteReader, text } from './jute.js';

export const OP = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  sync: 9,
  getChildren: 8,
  multi: 14,
  createContainer: 19,
  addWatch: 106,
  closeSession: -11,
} as const;

export const CODE = {
  ok: 0,
  badArguments: -8,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  authRequired: -124,
  quotaExceeded: -125,
} as const;

export const FLAG = { persistent: 0, ephemeral: 1, container: 4 } as const;

/** Who may do what with one node; the rights are bits. */
export interface Acl {
  readonly rights: number;
  readonly scheme: string;
  readonly id: string;
}

export const RIGHTS = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** Everybody may do everything: who guards a registry sets his own rules on the folders. */
export const OPEN: readonly Acl[] = [{ rights: RIGHTS.all, scheme: 'world', id: 'anyone' }];
/** Whoever asks, as the server knows him. */
export const own = (rights: number): Acl => ({ rights, scheme: 'auth', id: '' });

const acls = (list: readonly Acl[]): Buffer =>
  Buffer.concat([int(list.length), ...list.flatMap(({ rights, scheme, id }) => [int(rights), text(scheme), text(id)])]);

export const readAcls = (body: JuteReader): readonly Acl[] =>
  Array.from({ length: Math.max(0, body.int()) }, () => ({ rights: body.int(), scheme: body.text(), id: body.text() }));

const ANY_VERSION = -1;

/** How a node is made. */
interface Making {
  readonly flag: number;
  readonly rules: readonly Acl[];
}

export interface Stat {
  /** Session that the node goes with; null = it stays. */
  readonly owner: bigint | null;
  /** The transaction that last changed its data. */
  readonly changedZxid: number;
  /** How often its data was changed. */
  readonly version: number;
}

export const createBody = (path: string, data: string, { flag, rules }: Making): Buffer =>
  Buffer.concat([text(path), text(data), acls(rules), int(flag)]);
export const setAclBody = (path: string, rules: readonly Acl[]): Buffer =>
  Buffer.concat([text(path), acls(rules), int(ANY_VERSION)]);
export const getAclBody = (path: string): Buffer => text(path);
/** Of the node and of all below it, until the connection ends. */
export const watchBody = (path: string): Buffer => Buffer.concat([text(path), int(PERSISTENT_RECURSIVE)]);
const PERSISTENT_RECURSIVE = 1;
export const deleteBody = (path: string, version = ANY_VERSION): Buffer => Buffer.concat([text(path), int(version)]);
export const setDataBody = (path: string, data: string, version = ANY_VERSION): Buffer =>
  Buffer.concat([text(path), text(data), int(version)]);
export const syncBody = (path: string): Buffer => text(path);
/** Of exists, getData, getChildren: no watch. */
export const readBody = (path: string): Buffer => Buffer.concat([text(path), bool(false)]);

/** All or nothing. */
export function multiBody(parts: readonly { readonly op: number; readonly body: Buffer }[]): Buffer {
  const header = (op: number, done: boolean): Buffer => Buffer.concat([int(op), bool(done), int(-1)]);
  return Buffer.concat([...parts.flatMap(({ op, body }) => [header(op, false), body]), header(-1, true)]);
}

/** What failed in a multi: the first code that is an error of its own; -2 = “another part failed”. */
export function multiCode(body: JuteReader): number {
  const codes: number[] = [];
  while (!body.isAtEnd()) {
    const type = body.int();
    const done = body.bool();
    const code = body.int();
    if (done) break;
    if (type !== -1) return CODE.ok;
    codes.push(body.int());
    if (code !== codes.at(-1)) break;
  }
  return codes.find((code) => code !== 0 && code !== -2) ?? CODE.ok;
}

export function readStat(body: JuteReader): Stat {
  body.long();
  const changedZxid = Number(body.long());
  for (let i = 0; i < 2; i += 1) body.long();
  const version = body.int();
  for (let i = 0; i < 2; i += 1) body.int();
  // A folder that goes by itself has 0 here, too: the server tells its kind only in a snapshot.
  const owner = body.long();
  body.int();
  body.int();
  body.long();
  return { owner: owner === 0n ? null : owner, changedZxid, version };
}

export function readData(body: JuteReader): { readonly data: string; readonly stat: Stat } {
  const data = body.bytes().toString();
  return { data, stat: readStat(body) };
}
