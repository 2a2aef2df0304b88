/** etcd's access rules: what roles may do with which keys, and which users have these roles. */
import type { Answer, CallOptions } from '../../core/registry.js';
import type { AccessAbility, AccessRule } from '../../core/registry-abilities.js';
import { within } from '../within.js';
import { asksNobody, permissionOf, rulesOf } from './access-rules.js';
import { readAnswer } from './answer.js';
import type { Call } from './client.js';
import type { Gateway } from './gateway.js';
import type { JsonObject } from './json.js';

export interface AccessParts {
  /** As a user who may see and change rules. */
  readonly gatewayOf: (node: string) => Gateway;
  /** Ends with a slash. */
  readonly prefix: string;
  /** Whom the clients log in as; null = as nobody. */
  readonly clientUser: string | null;
}

const ROOT = 'root';

export function etcdAccess({ gatewayOf, prefix, clientUser }: AccessParts): AccessAbility {
  const asking = <T>(
    node: string,
    options: CallOptions,
    work: (call: Call) => Promise<Answer<T>>,
  ): Promise<Answer<T>> =>
    within(options, (signal) => work(async (path, body) => readAnswer(await gatewayOf(node).post(path, body, signal))));

  return {
    rules: (node, options) => asking(node, options, (call) => rulesOf(call, prefix)),
    bindsUs: (node, options) =>
      asking(node, options, async (call) => {
        const nobody = await asksNobody(call);
        if (nobody.outcome !== 'ok') return nobody;
        if (nobody.value || clientUser === null) return { outcome: 'ok', value: !nobody.value };
        const user = await call('/v3/auth/user/get', { name: clientUser });
        if (user.outcome !== 'ok') return user;
        const { roles } = user.value;
        return { outcome: 'ok', value: !(Array.isArray(roles) && roles.includes(ROOT)) };
      }),
    takeAway: (node, rules, options) => asking(node, options, (call) => each(rules, (rule) => revoke(call, rule))),
    putBack: (node, rules, options) => asking(node, options, (call) => each(rules, (rule) => grant(call, rule))),
  };
}

async function each(
  rules: readonly AccessRule[],
  change: (rule: AccessRule) => Promise<Answer<JsonObject>>,
): Promise<Answer<null>> {
  for (const rule of rules) {
    const answer = await change(rule);
    if (answer.outcome !== 'ok' && !ALREADY.test(answer.reason)) return answer;
  }
  return { outcome: 'ok', value: null };
}

const ALREADY = /permission is not granted to the role|role is not granted to the user/;

function revoke(call: Call, rule: AccessRule): Promise<Answer<JsonObject>> {
  const permission = permissionOf(rule);
  if (permission.kind === 'member')
    return call('/v3/auth/user/revoke', { name: permission.user, role: permission.role });
  const { role, key, range_end } = permission;
  return call('/v3/auth/role/revoke', { role, key, range_end });
}

function grant(call: Call, rule: AccessRule): Promise<Answer<JsonObject>> {
  const permission = permissionOf(rule);
  if (permission.kind === 'member')
    return call('/v3/auth/user/grant', { user: permission.user, role: permission.role });
  const { role, permType, key, range_end } = permission;
  return call('/v3/auth/role/grant', { name: role, perm: { permType, key, range_end } });
}
