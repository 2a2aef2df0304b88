/** decide and degrade on a real cluster whose majority is killed. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedPeople } from '../../src/cli/people/answers.js';
import type { Step } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { DegradationNumber } from '../../src/core/plan-decision.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import { measure } from '../../src/measure/index.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import { type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { injectStep, isTrue, step } from './fake-world.js';
import { type RealRun, runReal } from './real-drill.js';

const LIMIT_MS = 120_000;
const lossAllowed = { maxDurationMs: 120_000, maxTargets: 2, allowQuorumLoss: true };
const within = { params: {}, withinMs: 30_000, tolerance: isTrue } as const;
const killTwo = injectStep('kill-two', 'node.kill', { on: { by: { kind: 'name', names: ['n1', 'n2'] } } });
const startTwo = step({
  id: 'start-two',
  verb: 'recover',
  action: 'node.start',
  on: { by: { kind: 'step', step: 'kill-two' } },
});
const writable = step({ id: 'writable', verb: 'check', probe: 'registry.writable', ...within });
const decide = step({ id: 'switch', verb: 'decide', tree: 'switchover', archive: 'latest' });
const wait = (id: string, waitMs: number): Step => step({ id, verb: 'wait', waitMs });
const degrade = (id: string, level: DegradationNumber | null): Step => step({ id, verb: 'degrade', level });
const after = (wanted: string, of: Step): Step => ({ ...of, when: { decision: 'switch', is: [wanted] } });

const outcomes = ({ of }: RealRun) => [
  ...of('run.stopping').map(({ detail }) => detail.en),
  ...of('step.ended').map(({ step: id, outcome }) => `${id} ${outcome}`),
];

export function describeDecideDegrade(labName: LabName, basePort: number): void {
  const missing = missingLab(labName);
  describe.skipIf(missing !== null)(`decide and degrade on ${labName}${missing === null ? '' : `: ${missing}`}`, () => {
    let lab: StartedLab | null = null;
    let dir = '';
    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'firedrill-degrade-'));
      lab = await startLab(labName, basePort);
    });
    afterAll(async () => {
      await lab?.stop();
      rmSync(dir, { recursive: true, force: true });
    });
    const run = (options: Omit<Parameters<typeof runReal>[1], 'drill'>): Promise<RealRun> => {
      invariant(lab, 'the lab is up');
      return runReal(lab.cluster, { drill: { safety: lossAllowed }, ...options });
    };

    /** The built-in plan with commands of its own at one level: each adds a word to a file. */
    const planWith = (level: DegradationNumber, leave: readonly string[]): RecoveryPlan => {
      const plan = builtInRecoveryPlan();
      invariant(plan.degradation !== undefined, 'the built-in plan has levels');
      const enter = [[process.execPath, '-e', ADD, join(dir, 'words'), `enter-${level}`]];
      const levels = plan.degradation.levels.map((one) =>
        one.level === level ? { ...one, enter, leave: [leave] } : one,
      );
      return { ...plan, degradation: { ...plan.degradation, levels } };
    };
    const leaveBy = (word: string): readonly string[] => [process.execPath, '-e', ADD, join(dir, 'words'), word];
    const words = (): string => (existsSync(join(dir, 'words')) ? readFileSync(join(dir, 'words'), 'utf8') : '');

    it(
      'decides repair-in-place from the measured restart, and only what follows from it is done',
      async () => {
        const done = await run({
          phases: {
            execute: [
              step({
                id: 'warm-up',
                verb: 'recover',
                action: 'node.restart',
                on: { by: { kind: 'name', names: ['n3'] } },
              }),
              wait('baseline', 200),
              killTwo,
              decide,
              after('repair-in-place', startTwo),
              after('switch-now', step({ id: 'never', verb: 'wait', waitMs: 1 })),
              writable,
            ],
          },
        });
        expect(outcomes(done)).toEqual([
          'warm-up pass',
          'baseline pass',
          'kill-two pass',
          'switch pass',
          'start-two pass',
          'never skipped',
          'writable pass',
        ]);
        const [answer, ...more] = done.of('decision.answered');
        expect(more).toEqual([]);
        expect(answer).toMatchObject({ question: 'repairable', answer: 'yes', answeredBy: null });
        const acted = done.of('recover.action').find(({ step: id }) => id === 'warm-up');
        expect(answer?.evidence).toContain(acted?.seq);
        expect(answer?.values).toMatchObject({ repair: 'restart', quorum: 2, limitMs: 900_000 });
        expect(done.of('decision.made')).toMatchObject([
          {
            outcome: 'repair-in-place',
            treeOutcome: 'repair-in-place',
            answeredBy: null,
            costs: null,
            evidence: [answer?.seq],
          },
        ]);
        const skipped = done.of('step.ended').find(({ step: id }) => id === 'never');
        expect(skipped?.reason?.en).toContain('only when switch comes to switch-now; it came to repair-in-place');
        expect(done.end.clean).toBe(true);
      },
      LIMIT_MS,
    );

    it(
      'says unknown where nothing was measured, finds no backup, and a person overrides with a reason',
      async () => {
        const answers = 'switch: { by: alice, outcome: repair-in-place, reason: the power is back }';
        const done = await run({
          services: { people: scriptedPeople({ path: 'answers.yaml', text: answers }) },
          phases: { execute: [killTwo, decide, after('repair-in-place', startTwo), writable] },
        });
        const answered = done.of('decision.answered').map(({ fact, answer }) => `${fact} ${answer}`);
        expect(answered).toEqual(['repairable-in-place unknown', 'usable-backup no']);
        expect(done.of('decision.made')).toMatchObject([
          { treeOutcome: 're-register', outcome: 'repair-in-place', answeredBy: 'alice', reason: 'the power is back' },
        ]);
        expect(outcomes(done)).toContain('start-two pass');
        expect(measure(done.events).decisions).toMatchObject([
          { overridden: true, answers: [{ answer: 'unknown' }, { answer: 'no' }] },
        ]);
      },
      LIMIT_MS,
    );

    it(
      'keeps discovery up at levels 2 and 3 while the registry is dead, and its own recovery is what it is without them',
      async () => {
        const done = await run({
          recoveryPlan: planWith(3, leaveBy('leave-3')),
          phases: {
            execute: [
              killTwo,
              // One that was alone may answer until it notices.
              wait('noticed', 2_000),
              degrade('fixed', 3),
              wait('on-fixed', 2_000),
              degrade('cached', 2),
              wait('on-cache', 2_000),
              startTwo,
              writable,
              wait('stable', 2_000),
              degrade('off', null),
            ],
          },
        });
        expect(outcomes(done).filter((line) => !line.endsWith(' pass'))).toEqual([]);
        expect(done.end).toMatchObject({ ending: 'completed', clean: true });
        expect(words()).toBe('enter-3 leave-3 ');
        const measured = measure(done.events);
        const [fixed, cache] = measured.degradations;
        for (const [stay, servedBy] of [
          [cache, 'cache'],
          [fixed, 'static'],
        ] as const) {
          const got = stay?.applications.find(({ operation }) => operation === 'discover');
          expect(got).toMatchObject({ servedBy, attempts: got?.ok });
          expect(got?.attempts).toBeGreaterThan(20);
          expect(stay?.inTime).toBe(true);
          expect(stay?.reachFrom).toBe('fault');
          expect(stay?.staleMs).toBeGreaterThan(1_500);
        }
        // At level 3 the registry was dead all the time: it answered nothing, however well the applications were served.
        expect(fixed?.registry.find(({ operation }) => operation === 'discover')).toMatchObject({ ok: 0 });
        // No application hears of what the drill is answered once the registry is back.
        const [kill] = measured.faults;
        expect(cache?.staleMs).toBeGreaterThan((cache?.leftMs ?? 0) - (kill?.effectiveAtMs ?? 0) - 1_500);
        const restarted = done.of('step.started').find(({ step: id }) => id === 'start-two');
        for (const operation of ['register', 'discover'] as const) {
          const row = measured.recovery.find((one) => one.operation === operation);
          expect(row?.state).toBe('recovered');
          expect(row?.recoveredMs).toBeGreaterThan(restarted?.ms ?? Number.POSITIVE_INFINITY);
          expect(row?.recoveryMs).toBeGreaterThan(4_000);
        }
        expect(kill?.confirmed).toBe(true);
        const without = done.events.filter(({ type }) => type !== 'degraded.attempt');
        expect(measure(without).recovery).toEqual(measured.recovery);
        expect(measure(without).availability).toEqual(measured.availability);
        expect(measure(without).ledger).toEqual(measured.ledger);
      },
      LIMIT_MS,
    );

    it(
      'pauses new registrations at level 1 while renewals keep every lease, and at level 4 all but core services',
      async () => {
        const done = await run({
          phases: {
            execute: [
              degrade('read-only', 1),
              // Longer than two leases.
              wait('two-leases', 7_000),
              degrade('core', 4),
              wait('core-only', 2_000),
              degrade('off', null),
              wait('again', 500),
            ],
          },
        });
        expect(outcomes(done).filter((line) => !line.endsWith(' pass'))).toEqual([]);
        const { degradations, ledger } = measure(done.events);
        const [one, four] = degradations;
        const window = { fromMs: one?.enteredMs ?? 0, toMs: one?.leftMs ?? 0 };
        const during = done.of('attempt').filter(({ issuedMs }) => issuedMs >= window.fromMs && issuedMs < window.toMs);
        expect(during.filter(({ op }) => op === 'register' || op === 'deregister')).toEqual([]);
        const renewed = during.filter(({ op, outcome }) => op === 'renew' && outcome === 'ok');
        expect(new Set(renewed.map(({ entry }) => entry)).size).toBe(6);
        expect(done.of('attempt').filter(({ again, leaseGone }) => again || leaseGone)).toEqual([]);
        expect(one?.applications).toMatchObject([
          expect.objectContaining({ operation: 'discover', servedBy: 'node' }),
          { operation: 'register', servedBy: 'none', ok: 0 },
        ]);
        expect(one?.applications[0]?.ok).toBe(one?.applications[0]?.attempts);
        const served = four?.applications.map(({ operation, servedBy, ok }) => `${operation} ${servedBy} ${ok > 0}`);
        expect(served?.toSorted()).toEqual(['discover none false', 'discover registry true', 'register none false']);
        expect(ledger?.lost).toBe(0);
        expect(done.end.clean).toBe(true);
      },
      LIMIT_MS,
    );

    it(
      'is not clean when the level cannot be left',
      async () => {
        rmSync(join(dir, 'words'), { force: true });
        writeFileSync(join(dir, 'broken'), '');
        const failing = [
          process.execPath,
          '-e',
          'process.exit(require("fs").existsSync(process.argv[1]) ? 3 : 0)',
          join(dir, 'broken'),
        ];
        const done = await run({
          recoveryPlan: planWith(2, failing),
          phases: { execute: [degrade('cached', 2), wait('on-cache', 300), degrade('off', null)] },
        });
        expect(outcomes(done)).toEqual(['cached pass', 'on-cache pass', 'off fail']);
        expect(done.end.clean).toBe(false);
        expect(done.end.left.map(({ what }) => what.en).join()).toContain('degradation level 2 was not left');
      },
      LIMIT_MS,
    );
  });
}

const ADD = 'require("fs").appendFileSync(process.argv[1], process.argv[2] + " ")';
