/** Two pictures held against each other. Pure. */
import type { SurroundingsChange } from '../core/services.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Area, Kind } from './area.js';

/** Of these it also counts when something is missing. */
const WHOLE: readonly Kind[] = ['networks', 'proxies'];

export function changesBetween(before: readonly Area[], now: readonly Area[]): readonly SurroundingsChange[] {
  return before.flatMap((area) => {
    const later = now.find(({ kind, of }) => kind === area.kind && of === area.of);
    return area.things === null ? [] : changesOf({ ...area, things: area.things }, later);
  });
}

type Seen = Area & { readonly things: readonly string[] };

function changesOf(before: Seen, now: Area | undefined): readonly SurroundingsChange[] {
  const { kind, of } = before;
  const node = kind === 'proxies' || kind === 'host-rules' ? null : of;
  if (kind === 'node') return stateChange(before, now);
  // A node that is gone has no network to look at.
  if (now === undefined) return [];
  if (now.things === null) return [{ node, gone: false, what: unseen(before) }];
  const { things } = now;
  const appeared = without(things, before.things).map((thing) => isNew(before, thing));
  const missing = WHOLE.includes(kind) ? without(before.things, things).map((thing) => isMissing(before, thing)) : [];
  return [...appeared, ...missing].map((what) => ({ node, gone: false, what }));
}

/** As often as they are there: the same rule twice is one more. */
function without(things: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return things.filter((thing) => {
    const at = left.indexOf(thing);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function stateChange({ of, things: [was] }: Seen, now: Area | undefined): readonly SurroundingsChange[] {
  const [is] = now?.things ?? [];
  if (was === is || was === 'gone') return [];
  if (is === 'gone') {
    return [{ node: of, gone: true, what: bi(`${of} ran before and does not run now`, `${of} 之前在运行，现已停止`) }];
  }
  // One that was frozen and runs now was not left so by us.
  if (is !== 'frozen') return [];
  return [
    {
      node: of,
      gone: false,
      what: bi(`${of} ran before and is paused or frozen now`, `${of} 之前在运行，现处于暂停或冻结状态`),
    },
  ];
}

const WORDS: Readonly<Record<Exclude<Kind, 'node'>, Bilingual>> = {
  networks: bi('network', '网络'),
  helpers: bi('helper container', '辅助容器'),
  rules: bi('packet rule', '数据包规则'),
  qdiscs: bi('queueing discipline', '队列规则'),
  'host-rules': bi('packet rule', '数据包规则'),
  proxies: bi('Toxiproxy', 'Toxiproxy'),
};

const wordOf = (kind: Kind): Bilingual => (kind === 'node' ? bi('state', '状态') : WORDS[kind]);
const placeOf = (of: string): Bilingual => (of === '' ? bi('this machine', '本机') : bi(of, of));

function isNew({ kind, of }: Area, thing: string): Bilingual {
  const [word, place] = [wordOf(kind), placeOf(of)];
  return bi(
    `${place.en}: ${word.en} “${thing}” was not there before the drill`,
    `${place.zh}：${word.zh}“${thing}”在演练前不存在`,
  );
}

function isMissing({ kind, of }: Area, thing: string): Bilingual {
  const [word, place] = [wordOf(kind), placeOf(of)];
  return bi(
    `${place.en}: ${word.en} “${thing}” was there before the drill`,
    `${place.zh}：${word.zh}“${thing}”在演练前存在，现已不在`,
  );
}

function unseen({ kind, of }: Area): Bilingual {
  const [word, place] = [wordOf(kind), placeOf(of)];
  return bi(
    `${place.en}: ${word.en} could be looked at before the drill, and cannot now`,
    `${place.zh}：${word.zh}在演练前可以查看，现在无法查看`,
  );
}
