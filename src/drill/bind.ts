import { nearestName } from '../core/catalog.js';
import type { NodeSpec, Selector } from '../core/drill.js';
import type { Refusal } from '../core/plan.js';
import { seededRandom, shuffled } from '../core/random.js';
import { type Bilingual, bi } from '../core/text.js';
import type { LiveTarget } from './members.js';

/** What is known of the cluster at a moment of the drill. */
export interface Moment {
  readonly live: LiveTarget;
  /** Nodes with a fault on. */
  readonly broken: ReadonlySet<string>;
  /** The nodes that earlier steps chose. */
  readonly chosen: ReadonlyMap<string, readonly string[]>;
}

export type Bound =
  | { readonly bound: true; readonly nodes: readonly string[] }
  | { readonly bound: false; readonly refusals: readonly Refusal[] };

/** The nodes of a step. Nothing that matches, or fewer than asked for, is refused: never a smaller choice. */
export function bindNodes(selector: Selector, step: string, moment: Moment): Bound {
  const { by } = selector;
  const unknown = by.kind === 'name' ? unknownNames(by.names, step, moment.live.nodes) : [];
  if (unknown.length > 0) return { bound: false, refusals: unknown };
  if (by.kind === 'role' && by.role !== 'any' && moment.live.leader === null) {
    return { bound: false, refusals: [noLeader(step, moment.live)] };
  }
  const matching = matchingNodes(by, moment);
  const wanted = selector.count ?? (by.kind === 'role' || by.kind === 'random' ? 1 : Math.max(1, matching.length));
  if (matching.length < wanted) {
    return { bound: false, refusals: [tooFew(step, { by, found: matching.length, wanted })] };
  }
  return { bound: true, nodes: matching.slice(0, wanted) };
}

function matchingNodes(by: Selector['by'], { live, broken, chosen }: Moment): readonly string[] {
  const names = (nodes: readonly NodeSpec[]): readonly string[] => nodes.map((node) => node.name);
  const healthy = names(live.nodes).filter((name) => !broken.has(name));
  switch (by.kind) {
    case 'name':
      return names(live.nodes).filter((name) => by.names.includes(name));
    case 'site':
      return names(live.nodes.filter((node) => node.site === by.site));
    case 'label':
      return names(live.nodes.filter((node) => node.labels?.[by.label] === by.value));
    case 'step':
      return chosen.get(by.step) ?? [];
    case 'random':
      return shuffled(healthy, seededRandom(by.seed));
    case 'role': {
      // A leader that an earlier step broke is succeeded by one that nobody knows yet: any healthy node stands for it.
      const leader = healthy.find((name) => name === live.leader) ?? healthy[0];
      if (by.role === 'any') return healthy;
      return healthy.filter((name) => (name === leader) === (by.role === 'leader'));
    }
  }
}

function unknownNames(names: readonly string[], step: string, nodes: readonly NodeSpec[]): readonly Refusal[] {
  const known = nodes.map((node) => node.name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearestName(name, known);
      return {
        code: 'node-unknown',
        step,
        message: bi(`The target has no node “${name}”.`, `目标中没有节点“${name}”。`),
        hint:
          near === null
            ? bi(`Nodes: ${known.join(', ')}.`, `节点：${known.join('、')}。`)
            : bi(`Did you mean “${near}”?`, `是否想写“${near}”？`),
      };
    });
}

function noLeader(step: string, live: LiveTarget): Refusal {
  const silent = [...live.silent].map(([node, why]) => `${node}: ${why}`).join('; ');
  const seen: Bilingual = silent === '' ? bi('', '') : bi(` (${silent})`, `（${silent}）`);
  return {
    code: 'leader-unknown',
    step,
    message: bi(
      `No leader that a majority of the nodes agrees on${seen.en}.`,
      `没有被多数节点认可的主节点${seen.zh}。`,
    ),
    hint: bi(
      'An election may be going on: try again in a few seconds. If it does not end, bring the cluster into order first; `firedrill doctor` shows its state.',
      '可能正在选举：请过几秒再试。若迟迟选不出，请先让集群恢复正常；`firedrill doctor` 可查看其状态。',
    ),
  };
}

function tooFew(
  step: string,
  on: { readonly by: Selector['by']; readonly found: number; readonly wanted: number },
): Refusal {
  const { found, wanted } = on;
  const what = selectorText(on.by);
  return {
    code: found === 0 ? 'no-target' : 'too-few-targets',
    step,
    message: bi(
      `${found} node(s) match ${what}; the step needs ${wanted}.`,
      `有 ${found} 个节点符合 ${what}；该步骤需要 ${wanted} 个。`,
    ),
  };
}

/** `role: leader`, `site: beijing` */
export function selectorText(by: Selector['by']): string {
  switch (by.kind) {
    case 'name':
      return `name: ${by.names.join(', ')}`;
    case 'role':
      return `role: ${by.role}`;
    case 'site':
      return `site: ${by.site}`;
    case 'label':
      return `label: ${by.label}=${by.value}`;
    case 'step':
      return `step: ${by.step}`;
    case 'random':
      return `random: ${by.seed}`;
  }
}
