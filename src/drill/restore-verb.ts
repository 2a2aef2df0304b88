import type { OpeningKeys, RestoreFallback } from '../core/drill.js';
import { boolean, complain, nameOf, type Place, type Shape } from '../core/shape.js';
import { list, object, optional, required } from '../core/shape-object.js';
import { argv } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { restoreExpectation } from './restore-expect.js';
import { verbSpec } from './verb.js';
import { moment, name, placePath } from './words.js';

const RE_REGISTER = 're-register';

const keyFields = {
  identity: optional(
    placePath,
    'file of the age identity (private key) that opens it; default: what `run` was given',
    '打开归档的 age 身份私钥文件；默认为 `run` 所用的密钥',
  ),
  passphraseFile: optional(
    placePath,
    'file of the passphrase that opens it; default: what `run` was given',
    '打开归档的口令文件；默认为 `run` 所用的口令',
  ),
};

const fallbackFields = {
  in: optional(
    placePath,
    'an archive or a folder of them, as in “restore”: another copy, another site',
    '归档或归档目录，写法同“restore”：另一份副本、另一站点',
  ),
  tier: optional(name, 'a tier of the recovery plan', '恢复预案中的备份层级'),
  ...keyFields,
  recover: optional(
    nameOf([RE_REGISTER], bi('the last resort', '最后一条路')),
    'no archive: the owners register again',
    '不用归档：由所有者重新注册',
  ),
  command: optional(
    argv,
    're-register: your own program by which the owners of your services register again',
    're-register：让你的服务所有者重新注册的程序',
  ),
};

const FALLBACK = bi('a place { in } or { tier }, or re-register', '来源 { in } 或 { tier }，或 re-register');
const fallbackMap = object(fallbackFields, FALLBACK);

/** Exactly one way each; the owners can only come last, for they need no archive. */
const fallback: Shape<RestoreFallback> = {
  get schema() {
    const oneOf = ['in', 'tier', 'recover'].map((key) => ({ required: [key] }));
    return { anyOf: [{ const: RE_REGISTER }, { ...fallbackMap.schema, oneOf }] };
  },
  read: (place) => {
    if (place.value === RE_REGISTER) return { way: RE_REGISTER };
    const read = fallbackMap.read(place);
    if (read === undefined) return undefined;
    const { in: folder, tier, recover, command } = read;
    if ([folder, tier, recover].filter((one) => one !== undefined).length !== 1) {
      return complain(place, bi('exactly one of “in”, “tier” and “recover”', '“in”、“tier”、“recover”须恰好写一个'));
    }
    const keys = keysOf(read);
    if (recover !== undefined) {
      if (keys !== null) return complain(place, bi('owners need no key', '由所有者重新注册不需要密钥'));
      return { way: RE_REGISTER, ...(command && { command }) };
    }
    if (command !== undefined)
      return complain(place, bi('“command” belongs to re-register', '“command”属于 re-register'));
    if (tier !== undefined) return { way: 'tier', tier, ...(keys && { keys }) };
    return { way: 'archives', in: folder ?? '', ...(keys && { keys }) };
  },
};

const keysOf = ({ identity, passphraseFile }: OpeningKeys): OpeningKeys | null =>
  identity === undefined && passphraseFile === undefined
    ? null
    : { ...(identity !== undefined && { identity }), ...(passphraseFile !== undefined && { passphraseFile }) };

export const restoreVerb = verbSpec({
  verb: 'restore',
  about: bi('restores the registry, or one service, from a backup', '用备份恢复整个注册中心或单个服务'),
  fields: {
    restore: required(
      placePath,
      '“latest”, or the path of an archive (or a folder of them) relative to the drill; {archives} is the folder of this run’s',
      '“latest”，或归档（或其目录）相对于演练文件的路径；{archives} 为本次运行的归档目录',
    ),
    at: optional(
      moment,
      'the newest archive that was made by then: a time with its zone',
      '取该时刻之前最近的归档：带时区的时间',
    ),
    ...keyFields,
    fallback: optional(
      list(fallback, bi('a list of places, in their order', '按顺序排列的来源列表'), 1),
      'where it goes on, in this order, when what comes before is damaged, missing or cannot be opened',
      '当前面的来源损坏、缺失或无法打开时，依次改用的来源',
    ),
    service: optional(name, 'only this service, into the running registry', '只把此服务恢复到运行中的注册中心'),
    services: optional(list(name, bi('a list of services', '服务列表'), 1), 'only these services', '只恢复这些服务'),
    intoNonEmpty: optional(
      boolean,
      'allow it although the registry holds data; for an archive that this run did not make',
      '即使注册中心已有数据也允许；用于不是本次演练生成的归档',
    ),
    intoOtherCluster: optional(
      boolean,
      'allow it although the archive is of another cluster',
      '即使归档来自其他集群也允许',
    ),
    traffic: optional(
      nameOf(['pause', 'go-on'], bi('what the canary writers do', '金丝雀写入方的做法')),
      'the canary writers “pause” meanwhile (default) or “go-on”',
      '恢复期间金丝雀写入方“pause”（暂停，默认）或“go-on”（继续）',
    ),
    expect: optional(
      restoreExpectation,
      'planned time of the whole, or of each sub-step',
      '整个恢复的计划用时，或每个子步骤各自的计划用时',
    ),
  },
  build: (read, place) => {
    if (!ownersComeLast(read.fallback ?? [], place)) return undefined;
    const named = read.services ?? (read.service === undefined ? [] : [read.service]);
    const scope = {
      ...(named.length === 0 ? {} : { services: [...new Set(named)] }),
      ...(read.at === undefined ? {} : { atMs: read.at }),
    };
    const keys = keysOf(read);
    const places = { ...(keys && { keys }), ...(read.fallback && { fallback: read.fallback }) };
    const planned = typeof read.expect === 'number' ? { expectMs: read.expect } : {};
    const expect = typeof read.expect === 'object' ? read.expect : {};
    const into = [
      ...(read.intoNonEmpty === true ? (['non-empty'] as const) : []),
      ...(read.intoOtherCluster === true ? (['other-cluster'] as const) : []),
    ];
    const said = { ...(into.length > 0 && { into }), ...(read.traffic === 'go-on' && { traffic: read.traffic }) };
    return { verb: 'restore', archive: read.restore, ...places, ...scope, ...said, ...planned, expect };
  },
});

function ownersComeLast(ways: readonly RestoreFallback[], place: Place): boolean {
  const at = ways.findIndex(({ way }) => way === RE_REGISTER);
  if (at === -1 || at === ways.length - 1) return true;
  complain(
    place,
    bi('after re-register nothing is tried: it comes last', 're-register 之后不再尝试其他来源：应放在最后'),
  );
  return false;
}
