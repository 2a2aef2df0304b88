/** Reading etcd's rules, and writing them down so that exactly they can be put back. */
import { InvariantError } from '../../core/errors.js';
import type { Answer } from '../../core/registry.js';
import type { AccessRule } from '../../core/registry-abilities.js';
import { type Call, map } from './client.js';
import { type JsonObject, objectsAt, textAt } from './json.js';
import { folderRange } from './keys.js';

/** Whose permissions are everything, and cannot be taken. */
const ROOT = 'root';

/**
 * Of every role that may do something below the prefix: its permissions there, and the users who have it. Subjects are
 * `role NAME` and `user NAME`; the resource of a permission is `["first key","end"]`, of a user `role NAME`.
 */
export async function rulesOf(call: Call, prefix: string): Promise<Answer<readonly AccessRule[]>> {
  const nobody = await asksNobody(call);
  if (nobody.outcome !== 'ok') return nobody;
  if (nobody.value) return { outcome: 'ok', value: [] };
  const permissions = await eachOf(call, 'role', async (role) =>
    map(await call('/v3/auth/role/get', { role }), (body) => permissionsOf(role, body, prefix)),
  );
  if (permissions.outcome !== 'ok') return permissions;
  const roles = new Set(permissions.value.map(({ subject }) => subject));
  const members = await eachOf(call, 'user', async (user) =>
    map(await call('/v3/auth/user/get', { name: user }), (body) => membershipsOf(user, body)),
  );
  if (members.outcome !== 'ok') return members;
  return {
    outcome: 'ok',
    value: [...permissions.value, ...members.value.filter(({ resource }) => roles.has(resource))],
  };
}

/** Whether etcd lets anybody do anything. A login that cannot succeed tells, in every version. */
export async function asksNobody(call: Call): Promise<Answer<boolean>> {
  const answer = await call('/v3/auth/authenticate', { name: 'firedrill-asks', password: '' });
  if (answer.outcome === 'ok') return { outcome: 'ok', value: false };
  if (/authentication is not enabled/.test(answer.reason)) return { outcome: 'ok', value: true };
  return answer.outcome === 'failed' && /authentication failed|user name/.test(answer.reason)
    ? { outcome: 'ok', value: false }
    : answer;
}

async function eachOf(
  call: Call,
  what: 'role' | 'user',
  rulesOfOne: (name: string) => Promise<Answer<readonly AccessRule[]>>,
): Promise<Answer<readonly AccessRule[]>> {
  const listed = await call(`/v3/auth/${what}/list`, {});
  if (listed.outcome !== 'ok') return listed;
  const names = listed.value[`${what}s`];
  const found: AccessRule[] = [];
  for (const name of Array.isArray(names) ? names.map(String).sort() : []) {
    const rules = await rulesOfOne(name);
    if (rules.outcome !== 'ok') return rules;
    found.push(...rules.value);
  }
  return { outcome: 'ok', value: found };
}

function permissionsOf(role: string, body: JsonObject, prefix: string): readonly AccessRule[] {
  if (role === ROOT) return [];
  return objectsAt(body, 'perm')
    .filter((perm) => touches(perm, prefix))
    .map((perm) => ({
      subject: `role ${role}`,
      resource: JSON.stringify([decoded(perm, 'key'), decoded(perm, 'range_end')]),
      // The zero of the enumeration is left out of the JSON.
      rights: textAt(perm, 'permType') ?? 'READ',
    }));
}

function membershipsOf(user: string, body: JsonObject): readonly AccessRule[] {
  const roles = Array.isArray(body.roles) ? body.roles.map(String).sort() : [];
  return roles.map((role) => ({ subject: `user ${user}`, resource: `role ${role}`, rights: 'member' }));
}

/** latin1 keeps every byte of a key, also of one that is no text. */
const decoded = (perm: JsonObject, key: string): string =>
  Buffer.from(textAt(perm, key) ?? '', 'base64').toString('latin1');
const encoded = (text: unknown): string => Buffer.from(String(text), 'latin1').toString('base64');

/** No end: one key. The end `\0`: everything from the key on. */
function touches(perm: JsonObject, prefix: string): boolean {
  const bytes = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64');
  const [key, end] = [bytes(textAt(perm, 'key')), bytes(textAt(perm, 'range_end'))];
  const folder = folderRange(prefix);
  const [first, last] = [bytes(folder.key), bytes(folder.range_end)];
  if (Buffer.compare(key, last) >= 0) return false;
  if (end.length === 0) return Buffer.compare(key, first) >= 0;
  return end.equals(Buffer.of(0)) || Buffer.compare(end, first) > 0;
}

type Permission =
  | { readonly kind: 'member'; readonly user: string; readonly role: string }
  | {
      readonly kind: 'keys';
      readonly role: string;
      readonly permType: string;
      readonly key: string;
      readonly range_end: string;
    };

/** The rule as the API takes it. */
export function permissionOf({ subject, resource, rights }: AccessRule): Permission {
  const user = /^user (.+)$/s.exec(subject)?.[1];
  const memberOf = /^role (.+)$/s.exec(resource)?.[1];
  if (user !== undefined && memberOf !== undefined) return { kind: 'member', user, role: memberOf };
  const role = /^role (.+)$/s.exec(subject)?.[1];
  const range: unknown = role === undefined ? null : JSON.parse(resource);
  if (role !== undefined && Array.isArray(range) && range.length === 2) {
    return { kind: 'keys', role, permType: rights, key: encoded(range[0]), range_end: encoded(range[1]) };
  }
  throw new InvariantError(`“${subject} ${resource}” is no rule of etcd`);
}
