/** What fails from outside while containers are drilled: a node, and the engine itself. It is never the fault's doing. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { copyImage, missingPrivateEngine, type PrivateEngine, privateEngine } from '../support/private-engine.js';
import { type LabNode, type Run, runOf, startDrill, stateIsClean, writeDrill } from './scene.js';

const LAB = 'etcd-3';
const LIMIT_MS = 240_000;
const missing = missingPrivateEngine();

describe.skipIf(missing !== null)(`a drill in containers, and what it cannot help ${missing ?? ''}`, () => {
  let engine: PrivateEngine;
  let home: CliHome;
  beforeAll(async () => {
    const image = process.env.FIREDRILL_TEST_IMAGE_ETCD ?? '';
    engine = privateEngine('fd-disk-engine');
    await engine.start();
    copyImage(engine, image);
    home = cliHome(25_600, { ...process.env, DOCKER_HOST: engine.host, FIREDRILL_IMAGE_ETCD: image }, engine.inside);
  }, LIMIT_MS);
  afterAll(async () => {
    await home?.dispose();
    await engine?.dispose();
  }, LIMIT_MS);

  const nameOf = ({ name }: LabNode): string => `firedrill-etcd-3-25600-${name}`;
  const docker = (...args: readonly string[]): string => engine.docker(...args);
  async function labUp(policy: string): Promise<readonly LabNode[]> {
    const { code, stdout, stderr } = await home.run('lab', 'up', LAB, '--driver', 'docker', '--json');
    expect(code, stderr).toBe(0);
    const { nodes }: { nodes: LabNode[] } = JSON.parse(stdout);
    docker('update', '--restart', policy, ...nodes.map(nameOf));
    return nodes;
  }
  const runs = (node: LabNode): boolean => docker('inspect', '-f', '{{.State.Running}}', nameOf(node)) === 'true';
  const paused = (): string => docker('ps', '-q', '--filter', 'status=paused');

  /** A frozen follower, and clients all the while: said `→ hold`, the fault is on. */
  const drill = (id: string): string =>
    writeDrill(home, {
      id,
      kind: 'fault-injection',
      target: { registry: 'etcd', lab: LAB, driver: 'docker' },
      objectives: { rto: '10s', rpo: { time: '5m', records: 0 }, stableFor: '20s' },
      traffic: { services: 2, instances: 6, writes: '20/s', reads: '20/s', lease: '6s', settle: '1s' },
      steadyState: [{ probe: 'registry.writable', within: '10s' }],
      execute: [
        { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } },
        { id: 'steady', wait: '3s' },
        { id: 'hold', wait: '2m' },
      ],
    });

  /** Stopped, and nothing that was felt since the last good look is booked as the effect of the fault. */
  function expectNotBooked(run: Run): void {
    const [stopping] = run.of('run.stopping');
    const wellMs = stopping?.nodesWellMs ?? Number.NaN;
    const [confirmed] = run.of('fault.confirmed');
    expect(wellMs).toBeGreaterThan(confirmed?.observedMs ?? Number.NaN);
    expect(wellMs).toBeLessThanOrEqual(stopping?.ms ?? Number.NaN);
    expect(run.result).toMatchObject({ valid: false, score: null });
    expect(run.result.recovery.length).toBeGreaterThan(0);
    for (const row of run.result.recovery) {
      expect(row.state, row.operation).not.toBe('recovered');
      expect(row.recoveryMs).toBeNull();
      const felt = run
        .of('attempt')
        .filter(({ op, outcome, endedMs }) => op === row.operation && outcome !== 'ok' && endedMs <= wellMs);
      const sinceFault = felt.filter(({ endedMs }) => endedMs >= (confirmed?.requestedMs ?? 0));
      expect(row.failedAttempts, row.operation).toBe(sinceFault.length);
    }
  }

  test(
    'another node dies of its own while one is frozen',
    async () => {
      const nodes = await labUp('no');
      const started = startDrill(home, drill('node-died'), '--no-input');
      await said(started, '→ hold');
      const running = docker('ps', '--filter', 'status=running', '--format', '{{.Names}}').split('\n');
      const [victim = ''] = running;
      docker('kill', victim);
      // Somebody starts it again: without it nothing can be taken back of what the clients wrote.
      await said(started, 'stopping:');
      docker('start', victim);
      const { code, stderr } = await started.ended;
      expect(stderr).toMatch(/Node n\d is gone, and no fault did it/);
      expect(code, stderr).toBe(5);
      const run = runOf(home, 'node-died');
      expect(run.of('run.stopping')[0]?.cause).toBe('node-died');
      expectNotBooked(run);
      expect(paused()).toBe('');
      expect(nodes.every(runs)).toBe(true);
      expect(stateIsClean(home)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'the frozen node itself is killed by somebody: that is not the freezing',
    async () => {
      await labUp('no');
      const started = startDrill(home, drill('frozen-killed'), '--no-input');
      await said(started, '→ hold');
      const frozen = docker('ps', '--filter', 'status=paused', '--format', '{{.Names}}');
      docker('kill', frozen);
      const { code, stderr } = await started.ended;
      expect(stderr).toContain(`Node ${frozen.split('-').at(-1)} is gone, and no fault did it`);
      expect(code, stderr).toBe(5);
      expectNotBooked(runOf(home, 'frozen-killed'));
      expect(stateIsClean(home)).toBe(true);
      docker('start', frozen);
    },
    LIMIT_MS,
  );

  test(
    'the engine restarts, and the nodes by their own start policy',
    async () => {
      const nodes = await labUp('always');
      const started = startDrill(home, drill('engine-restarted'), '--no-input');
      await said(started, '→ hold');
      await engine.stop();
      await engine.start();
      const { code, stderr } = await started.ended;
      expect(stderr).toMatch(/no fault did it|cannot be looked at any more|something else restarted it/);
      expect(code, stderr).toBe(5);
      expectNotBooked(runOf(home, 'engine-restarted'));
      expect(paused()).toBe('');
      expect(nodes.every(runs)).toBe(true);
      expect(stateIsClean(home)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'the engine stops and does not come back: the run ends, says what is left, and recover does the rest later',
    async () => {
      const nodes = await labUp('always');
      const started = startDrill(home, drill('engine-gone'), '--no-input');
      await said(started, '→ hold');
      await engine.stop();
      const { code, stderr } = await started.ended;
      // Nobody can say that the node is not frozen any more, nor take back what the clients wrote.
      expect(code, stderr).toBe(6);
      expect(stderr).toContain('firedrill recover');
      expectNotBooked(runOf(home, 'engine-gone'));
      await engine.start();
      await pollUntil(async () => nodes.every(runs), Boolean, { clock: systemClock, withinMs: 30_000, everyMs: 200 });
      const recovered = await home.run('recover');
      expect(recovered.code, recovered.stderr).toBe(0);
      expect(paused()).toBe('');
      expect(readdirSync(home.state)).toEqual(['labs']);
    },
    LIMIT_MS,
  );
});
