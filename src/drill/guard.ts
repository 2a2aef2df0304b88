/**
 * Counts faults and votes over time, in the order of the steps, always for the worst: a step with `when` may turn a
 * fault on, but is not counted on to turn one off; a group turns everything on before it turns anything off.
 */
import type { Catalog } from '../core/catalog.js';
import { type Drill, liftsLike, PHASES, type PhaseName, type Step } from '../core/drill.js';
import { type Fault, type PlannedHit, votersLostTo } from '../core/fault.js';
import type { Refusal } from '../core/plan.js';
import { bi } from '../core/text.js';
import { type Bound, bindNodes } from './bind.js';
import type { LiveTarget } from './members.js';

export interface StepBinding {
  readonly step: Step;
  readonly phase: PhaseName;
  readonly nodes: readonly string[];
  /** Voters that vote while this step's fault is on; null where it turns none on. */
  readonly votersLeft: number | null;
  /** Member of a parallel group. */
  readonly inGroup: boolean;
}

export interface Walk {
  readonly bindings: readonly StepBinding[];
  readonly refusals: readonly Refusal[];
}

interface FaultOn {
  readonly step: string;
  readonly fault: Fault;
  readonly nodes: readonly string[];
  readonly params: PlannedHit['params'];
  /** Time that surely passes before `for` ends it; null = not by itself. */
  readonly restMs: number | null;
}

interface State {
  readonly drill: Drill;
  readonly live: LiveTarget;
  readonly faults: Catalog<Fault>;
  readonly chosen: Map<string, readonly string[]>;
  readonly bindings: StepBinding[];
  readonly refusals: Refusal[];
  on: readonly FaultOn[];
}

export function walkDrill(drill: Drill, live: LiveTarget, faults: Catalog<Fault>): Walk {
  const state: State = { drill, live, faults, chosen: new Map(), bindings: [], refusals: [], on: [] };
  for (const phase of PHASES) {
    for (const step of drill.phases[phase].steps) {
      const group = step.verb === 'parallel' ? [step, ...membersOf(step)] : [step];
      for (const member of group) enter(state, { step: member, phase, inGroup: member !== step });
      for (const member of group) leave(state, member, member !== step);
    }
    // The runner waits for every `for` at the end of execute.
    if (phase === 'execute') state.on = state.on.filter((fault) => fault.restMs === null);
  }
  return { bindings: state.bindings, refusals: state.refusals };
}

const membersOf = (step: Step): readonly Step[] =>
  step.verb === 'parallel' ? step.steps.flatMap((member) => [member, ...membersOf(member)]) : [];

/** Binds the step and turns its fault on. */
function enter(state: State, at: Pick<StepBinding, 'step' | 'phase' | 'inGroup'>): void {
  const { step } = at;
  const bound = bind(state, step);
  if (!bound.bound) {
    state.refusals.push(...bound.refusals);
    state.bindings.push({ ...at, nodes: [], votersLeft: null });
    return;
  }
  state.chosen.set(step.id, bound.nodes);
  const fault = step.verb === 'inject' ? state.faults.find(step.fault) : undefined;
  if (step.verb === 'inject' && fault !== undefined) {
    const { id, params, forMs: restMs = null } = step;
    state.on = [...state.on, { step: id, fault, nodes: bound.nodes, params, restMs }];
  }
  const counted = fault !== undefined && fault.scope === 'node';
  const nodes =
    step.verb === 'restore' && step.services === undefined ? state.live.nodes.map((node) => node.name) : bound.nodes;
  state.bindings.push({ ...at, nodes, votersLeft: counted ? votersLeft(state) : null });
  if (counted) guard(state, step.id);
}

function bind(state: State, step: Step): Bound {
  if ((step.verb !== 'inject' && step.verb !== 'recover') || step.on === null) return { bound: true, nodes: [] };
  const broken = new Set(state.on.flatMap((fault) => fault.nodes));
  return bindNodes(step.on, step.id, { live: state.live, broken, chosen: state.chosen });
}

export const hitOf = (live: LiveTarget, { nodes, params }: Pick<PlannedHit, 'nodes' | 'params'>): PlannedHit => ({
  nodes,
  params,
  all: live.nodes.map(({ name }) => name),
  voters: live.voters,
});

/** Of nodes that are hit one after the other, one stands for all. */
const atOnce = ({ fault, nodes }: FaultOn): readonly string[] => (fault.oneAtATime ? nodes.slice(0, 1) : nodes);

const votersLeft = (state: State): number => {
  const voteless = new Set(state.on.flatMap((on) => votersLostTo(on.fault, hitOf(state.live, on))));
  return state.live.voters.filter((voter) => !voteless.has(voter)).length;
};

function guard(state: State, step: string): void {
  const { safety } = state.drill;
  const broken = [...new Set(state.on.flatMap(atOnce))];
  if (broken.length > safety.maxTargets) {
    const names = broken.join(', ');
    state.refusals.push({
      code: 'too-many-targets',
      step,
      message: bi(
        `${broken.length} nodes (${names}) would have a fault at one time; safety.maxTargets is ${safety.maxTargets}.`,
        `将有 ${broken.length} 个节点（${names}）同时带故障；safety.maxTargets 为 ${safety.maxTargets}。`,
      ),
      hint: bi(
        'Recover or heal one before the next, or raise safety.maxTargets.',
        '请先恢复前一个节点，或调大 safety.maxTargets。',
      ),
    });
  }
  const left = votersLeft(state);
  if (safety.allowQuorumLoss || left >= state.live.quorum) return;
  state.refusals.push({
    code: 'quorum-lost',
    step,
    message: bi(
      `The majority would be lost: ${left} of ${state.live.voters.length} voters left, ${state.live.quorum} needed.`,
      `将失去多数：${state.live.voters.length} 个投票节点仅剩 ${left} 个，至少需要 ${state.live.quorum} 个。`,
    ),
    hint: bi(
      'If that is meant, say so: safety.allowQuorumLoss: true.',
      '若确为演练目的，请声明 safety.allowQuorumLoss: true。',
    ),
  });
}

/** Turns off what surely is off once the step is over. */
function leave(state: State, step: Step, inGroup: boolean): void {
  if (step.when !== undefined) return;
  switch (step.verb) {
    case 'heal':
      state.on = state.on.filter((fault) => fault.step !== step.step);
      return;
    case 'recover': {
      const nodes = state.chosen.get(step.id) ?? [];
      state.on = state.on.flatMap((on) =>
        on.fault.liftedBy.includes(liftsLike(step.action)) ? without(on, nodes) : [on],
      );
      return;
    }
    case 'restore':
      // It stops and starts every node: none is killed or frozen afterwards.
      if (step.services === undefined) state.on = [];
      return;
    case 'wait':
      // Pauses of one group pass at the same time: they must not add up.
      if (!inGroup) state.on = state.on.flatMap((on) => elapsed(on, step.waitMs));
      return;
    case 'inject':
    case 'backup':
    case 'decide':
    case 'degrade':
    case 'check':
    case 'manual':
    case 'document':
    case 'situation':
    case 'problem':
    case 'parallel':
    case 'run':
      return;
  }
}

function without(on: FaultOn, nodes: readonly string[]): readonly FaultOn[] {
  const left = on.nodes.filter((node) => !nodes.includes(node));
  return left.length === 0 ? [] : [{ ...on, nodes: left }];
}

/** Only pauses surely take their time; everything else may be over at once. */
function elapsed(on: FaultOn, waitMs: number): readonly FaultOn[] {
  if (on.restMs === null) return [on];
  const restMs = on.restMs - waitMs;
  return restMs > 0 ? [{ ...on, restMs }] : [];
}
