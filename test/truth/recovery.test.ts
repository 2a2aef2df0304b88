/** A scripted outage of known begin and end is measured within the error that the measurement states itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { TrafficSpec } from '../../src/core/drill.js';
import type { RecoveryMeasurement } from '../../src/core/measurement.js';
import { measure } from '../../src/measure/index.js';
import { type CanaryRun, calmSpec, canaryRun, type MemoryJournal, type Proxied, proxied } from './canary-run.js';
import { type LoneNode, startLoneNode } from './lone-node.js';
import type { OutageKind } from './lying-registry.js';
import { confirmFault, openRun } from './synthetic-journal.js';

const OUTAGES: readonly OutageKind[] = ['refuse', 'hang', '503', 'slow'];
const GENTLE = OUTAGES.flatMap((kind) => [5, 20].map((rate) => ({ kind, rate })));
const FAST = OUTAGES.map((kind) => ({ kind, rate: 100 }));
interface Case {
  readonly kind: OutageKind;
  readonly rate: number;
}

const STABLE_MS = 1_200;
/** Long, so that a machine that is short of time does not add outages of its own. */
const REQUEST_LIMIT_MS = 2_000;
const OUTAGE_MS = 900;
/** What a busy machine may add to the stated error; less than the outage, else the error would say nothing. */
const SLACK_MS = 800;

let real: LoneNode;
beforeAll(async () => {
  real = await startLoneNode(['n1', 'n2', 'n3']);
});
afterAll(async () => {
  await real.stop();
});

describe('an outage is measured within the stated error', () => {
  const isTrue = async ({ kind, rate }: Case): Promise<void> => {
    const outcome = await measureOutage({ kind, rate, nodes: 1 });
    expectTruth(outcome, rate);
  };
  test.concurrent.for(GENTLE)('$kind at $rate attempts a second', isTrue);
  test.for(FAST)('$kind at $rate attempts a second', isTrue);

  test.concurrent.for(OUTAGES)('%s on every node, clients failing over', async (kind) => {
    const outcome = await measureOutage({ kind, rate: 20, nodes: 3, seenAfterMs: 80 });
    expectTruth(outcome, 20);
  });
});

describe('also while the event loop is busy', () => {
  let busy: NodeJS.Timeout | undefined;
  beforeAll(() => {
    busy = setInterval(() => block(40), 100);
  });
  afterAll(() => clearInterval(busy));

  const isTrue = async ({ kind, rate }: Case): Promise<void> => {
    const outcome = await measureOutage({ kind, rate, nodes: 1 });
    expectTruth(outcome, rate);
  };
  test.concurrent.for(GENTLE)('$kind at $rate attempts a second', isTrue);
  test.for(FAST)('$kind at $rate attempts a second', isTrue);
});

test('an outage that never ends is not recovered, and one that nothing tried to see is unknown', async () => {
  const front = await proxied(real.cluster, { count: 1 });
  const run = canaryAt(front, 20);
  await run.traffic.start();
  await systemClock.sleep(500);
  await outage({ front, journal: run.journal, kind: '503' });
  await systemClock.sleep(STABLE_MS + 300);
  await run.traffic.stop();
  const { recovery } = measure(run.journal.events);
  expect(recovery.map(({ operation, state }) => [operation, state])).toEqual([
    ['register', 'not-recovered'],
    ['renew', 'not-recovered'],
    ['discover', 'not-recovered'],
  ]);
  const attempts = run.journal.of('attempt');
  const blind = run.journal.events.filter((event) => event.type !== 'attempt' || event === attempts[0]);
  expect(measure(blind).recovery.map(({ state }) => state)).toEqual(['unknown']);
  await front.close();
});

interface Outcome {
  /** Between these two the outage lasted; one proxy knows it to the instant, several within their spread. */
  readonly leastMs: number;
  readonly mostMs: number;
  readonly recovery: readonly RecoveryMeasurement[];
  /** What still went wrong after the outage, to tell a wrong measurement from a machine that was short of time. */
  readonly afterwards: readonly string[];
}

function expectTruth(outcome: Outcome, rate: number): void {
  expect(outcome.recovery.map(({ operation }) => operation)).toEqual(['register', 'renew', 'discover']);
  for (const { operation, state, recoveryMs, errorMs } of outcome.recovery) {
    const hint = `${operation}; failed after the outage: ${outcome.afterwards.slice(0, 3).join(', ')}`;
    if (state !== 'recovered' || recoveryMs === null || errorMs === null) throw new Error(`${state}: ${hint}`);
    expect(recoveryMs + errorMs, `at most the true length of ${hint}`).toBeGreaterThanOrEqual(outcome.leastMs);
    expect(recoveryMs - errorMs, `at least the true length of ${hint}`).toBeLessThanOrEqual(outcome.mostMs);
    // An error that covers anything would be true as well: one canary gap. Owners renew each in their own time.
    const gaps = operation === 'renew' ? 2 : 1;
    expect(errorMs, `${operation}: error`).toBeLessThanOrEqual((gaps * 1_000) / rate + SLACK_MS);
  }
}

async function measureOutage(what: {
  readonly kind: OutageKind;
  readonly rate: number;
  readonly nodes: number;
  /** How long after its begin the outage is confirmed. */
  readonly seenAfterMs?: number;
}): Promise<Outcome> {
  const front = await proxied(real.cluster, { count: what.nodes, slowMs: 2 * REQUEST_LIMIT_MS });
  const run = canaryAt(front, what.rate);
  await run.traffic.start();
  await systemClock.sleep(600);
  const began = await outage({ front, journal: run.journal, ...what });
  await systemClock.sleep(OUTAGE_MS);
  const ends = await Promise.all(front.proxies.map((proxy) => proxy.endOutage()));
  const measured = (): readonly RecoveryMeasurement[] => measure(run.journal.events).recovery;
  await pollUntil(
    async () => measured(),
    (recovery) => recovery.length === 3 && recovery.every(({ state }) => state === 'recovered'),
    { clock: systemClock, withinMs: 15_000, everyMs: 200 },
  );
  await run.traffic.stop();
  run.journal.append({ type: 'run.ended', ending: 'completed' });
  const { recovery } = measure(run.journal.events);
  await front.close();
  const endMs = run.journal.toRunMs(Math.max(...ends));
  const afterwards = run.journal
    .of('attempt')
    .filter(({ issuedMs, outcome }) => issuedMs > endMs && outcome !== 'ok')
    .map(({ op, issuedMs, reason }) => `${op} ${Math.round(issuedMs - endMs)} ms later (${reason})`);
  return {
    recovery,
    afterwards,
    leastMs: Math.min(...ends) - Math.max(...began),
    mostMs: Math.max(...ends) - Math.min(...began),
  };
}

async function outage(of: {
  readonly front: Proxied;
  readonly journal: MemoryJournal;
  readonly kind: OutageKind;
  readonly seenAfterMs?: number;
}): Promise<readonly number[]> {
  const requestedMs = systemClock.monotonicMs();
  const began = of.front.proxies.map((proxy) => proxy.beginOutage(of.kind));
  if (of.seenAfterMs !== undefined) await systemClock.sleep(of.seenAfterMs);
  confirmFault(of.journal, { requestedMs, observedMs: systemClock.monotonicMs() });
  return began;
}

function canaryAt(front: Proxied, rate: number): CanaryRun {
  const instances = 2 * rate;
  const spec: TrafficSpec = {
    ...calmSpec,
    client: 'failover',
    requestLimitMs: REQUEST_LIMIT_MS,
    instances,
    leaseMs: 6_000,
    writesPerSecond: rate,
    readsPerSecond: rate,
  };
  const run = canaryRun(front.cluster, spec);
  openRun(run.journal, spec, STABLE_MS);
  return run;
}

function block(ms: number): void {
  const untilMs = systemClock.monotonicMs() + ms;
  while (systemClock.monotonicMs() < untilMs);
}
