/** One node put through what a client does: register, discover, be healthy, deregister. */
import { canaryValue } from '../core/canary.js';
import type { ProbeWorld } from '../core/probe.js';
import type { Answer, CallOptions } from '../core/registry.js';
import type { Cluster } from '../core/target.js';

export type ExerciseStep = 'register' | 'discover' | 'health' | 'deregister';

export interface Exercise {
  readonly node: string;
  /** Null = every step worked. */
  readonly failed: { readonly step: ExerciseStep; readonly reason: string } | null;
}

interface Exercises {
  readonly steps: readonly ExerciseStep[];
  /** No single request waits longer. */
  readonly requestLimitMs?: number;
}

/** Every node at the same time, each with entries of its own; all of it within the world's limit. */
export const exerciseAll = (cluster: Cluster, world: ProbeWorld, what: Exercises): Promise<readonly Exercise[]> =>
  Promise.all(cluster.registry.nodes.map((node) => exerciseNode(cluster, world, { ...what, node })));

async function exerciseNode(
  cluster: Cluster,
  world: ProbeWorld,
  what: Exercises & { readonly node: string },
): Promise<Exercise> {
  const { node, steps, requestLimitMs = world.limitMs } = what;
  const { clock, signal } = world;
  const startedMs = clock.monotonicMs();
  // A new name and value each time: some registries acknowledge a put of the same value without doing it.
  const version = Math.round(startedMs);
  const entry = {
    service: world.scratchService,
    instance: `probe-${node}-${version}`,
    value: canaryValue({ ip: '127.0.0.1', port: 1, version }),
  };
  const options = (): CallOptions => ({
    limitMs: Math.max(1, Math.min(requestLimitMs, startedMs + world.limitMs - clock.monotonicMs())),
    ...(signal && { signal }),
  });
  const client = cluster.registry.client(node);
  const discovers = async (present: boolean): Promise<Answer<unknown>> => {
    const answer = await client.discover(entry.service, options());
    if (answer.outcome !== 'ok') return answer;
    const found = answer.value.find(({ instance }) => instance === entry.instance);
    if (present ? found?.value === entry.value : found === undefined) return answer;
    return { outcome: 'failed', reason: present ? 'the new entry is not listed' : 'the deleted entry is listed' };
  };
  const act: Record<ExerciseStep, () => Promise<Answer<unknown>>> = {
    register: () => client.register(entry, options()),
    discover: () => discovers(true),
    health: () => client.status(options()),
    deregister: async () => {
      const answer = await client.deregister(entry, options());
      return answer.outcome === 'ok' ? discovers(false) : answer;
    },
  };
  let failed: Exercise['failed'] = null;
  for (const step of steps) {
    // What was registered is taken away again even when a later step failed.
    if (failed !== null && (step !== 'deregister' || failed.step === 'register')) continue;
    const answer = await act[step]();
    if (answer.outcome !== 'ok') failed ??= { step, reason: answer.reason };
  }
  return { node, failed };
}

export const exerciseFacts = (exercises: readonly Exercise[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    exercises.map(({ node, failed }) => [node, failed === null ? 'ok' : `${failed.step}: ${failed.reason}`]),
  );

export const exerciseText = (exercises: readonly Exercise[]): string =>
  Object.entries(exerciseFacts(exercises))
    .map(([node, text]) => `${node} ${text}`)
    .join(', ');
