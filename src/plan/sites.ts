/** Sites, how far apart they are and how they are kept alike (seed §4). */
import type { Distance, Site, SyncMode } from '../core/plan-places.js';
import { complain, duration, mapped, nameOf, type Shape, text } from '../core/shape.js';
import { object, optional, type ReadFields, recordOf, required } from '../core/shape-object.js';
import { share } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { identifier, span } from './words.js';

const delay = mapped(
  object(
    {
      least: required(duration({ minMs: 0 }), 'the least', '最小值'),
      most: required(span, 'the most', '最大值'),
    },
    bi('a network delay { least, most }', '网络延迟 { least, most }'),
  ),
  (read, place) =>
    read.least <= read.most ? read : complain(place, bi('“least” is longer than “most”', '“least”大于“most”')),
);

const distance: Shape<Distance> = mapped(
  object(
    {
      title: required(text, 'name of the kind', '类型名称'),
      range: required(text, 'how far', '距离范围'),
      delay: required(delay, 'usual network delay', '通常的网络延迟'),
      against: required(text, 'the disaster it helps against', '可应对的灾难'),
    },
    bi('a distance { title, range, delay, against }', '距离 { title, range, delay, against }'),
  ),
  ({ delay: { least, most }, ...texts }) => ({ ...texts, leastDelayMs: least, mostDelayMs: most }),
);

export const distances = recordOf(distance, { key: identifier, what: bi('distances by name', '以名称为键的距离') });

const syncMode: Shape<SyncMode> = mapped(
  object(
    {
      title: required(text, 'name of the mode', '方式名称'),
      lag: required(span, 'how far the standby may be behind', '备用站点允许落后的时长'),
      equal: optional(share, 'share of equal entries it promises', '承诺的数据一致比例'),
      for: required(text, 'what it is used for', '适用对象'),
    },
    bi('a sync mode { title, lag, equal, for }', '同步方式 { title, lag, equal, for }'),
  ),
  ({ lag, equal, ...texts }) => ({ ...texts, lagMs: lag, equalShare: equal ?? null }),
);

export const syncModes = recordOf(syncMode, {
  key: identifier,
  what: bi('sync modes by name', '以名称为键的同步方式'),
});

const sync = object(
  {
    mode: required(identifier, 'one of syncModes', 'syncModes 之一'),
    lag: optional(span, 'instead of the lag of the mode', '替代该方式的落后时长'),
    equal: optional(share, 'instead of the share of the mode', '替代该方式的一致比例'),
  },
  bi('a sync { mode }', '同步 { mode }'),
);

const siteFields = {
  title: required(text, 'name of the site', '站点名称'),
  role: required(nameOf(['primary', 'standby'], bi('a role of a site', '站点角色')), 'primary or standby', '主或备'),
  distance: optional(identifier, 'from the primary: one of distances', '距主站点的距离：distances 之一'),
  delay: optional(span, 'added network delay, instead of that of the distance', '附加网络延迟，替代 distance 的值'),
  sync: optional(sync, 'how it is kept like the primary', '与主站点保持一致的方式'),
};

export type SiteDraft = ReadFields<typeof siteFields>;

export const sites = recordOf(object(siteFields, bi('a site { title, role, … }', '站点 { title, role, … }')), {
  key: identifier,
  what: bi('sites by name', '以名称为键的站点'),
});

interface SiteTables {
  readonly distances?: Readonly<Record<string, Distance>>;
  readonly syncModes?: Readonly<Record<string, SyncMode>>;
}

/** A site with what its distance and its mode say; a name that no table has is reported by the checks of references. */
export function siteOf({ delay: own, sync: given, ...rest }: SiteDraft, tables: SiteTables): Site {
  const far = rest.distance === undefined ? undefined : tables.distances?.[rest.distance];
  const mode = given === undefined ? undefined : tables.syncModes?.[given.mode];
  const limits =
    given === undefined || mode === undefined
      ? null
      : { mode: given.mode, lagMs: given.lag ?? mode.lagMs, equalShare: given.equal ?? mode.equalShare };
  return { ...rest, delayMs: own ?? far?.mostDelayMs ?? null, sync: limits };
}
