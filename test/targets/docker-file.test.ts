/** How a drill file names containers; no engine is needed for that. */
import { describe, expect, test } from 'vitest';
import type { TargetSpec } from '../../src/core/drill.js';
import { InputError } from '../../src/core/errors.js';
import { loadTarget } from '../../src/drill/index.js';

const load = (text: string): TargetSpec =>
  loadTarget({ path: 'target.yaml', bytes: Buffer.from(text), labs: ['etcd-3'] });

function problemOf(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ message }) => message.en).join('\n');
    throw error;
  }
  throw new Error('it loaded');
}

const target = (driver: string, ...nodes: readonly string[]): string =>
  [`target:`, `  registry: etcd`, `  driver: ${driver}`, `  nodes:`, ...nodes.map((node) => `    - ${node}`)].join(
    '\n',
  );

describe('containers in a target file', () => {
  test('by name, by label, by compose service', () => {
    const { source } = load(
      target(
        'docker',
        '{ name: n1, url: "http://127.0.0.1:2379", container: etcd-1 }',
        '{ name: n2, url: "http://127.0.0.1:2381", containerLabel: role=etcd-2 }',
        '{ name: n3, url: "http://127.0.0.1:2383", compose: shop/etcd }',
      ),
    );
    expect(source).toMatchObject({
      from: 'nodes',
      driver: 'docker',
      nodes: [
        { find: { by: 'container', container: 'etcd-1' }, start: [] },
        { find: { by: 'container-label', label: 'role=etcd-2' } },
        { find: { by: 'compose', project: 'shop', service: 'etcd' } },
      ],
    });
  });

  test('a lab may name its driver', () => {
    const { source } = load('target: { registry: etcd, lab: etcd-3, driver: docker }');
    expect(source).toEqual({ from: 'lab', lab: 'etcd-3', driver: 'docker' });
  });

  test('what does not fit together is said', () => {
    const url = 'url: "http://127.0.0.1:2379"';
    const both = `{ name: n1, ${url}, container: a, argument: abcd, start: [etcd] }`;
    expect(problemOf(target('docker', both))).toContain('exactly one');
    expect(problemOf(target('docker', `{ name: n1, ${url}, container: a, start: [etcd] }`))).toContain('leave “start”');
    expect(problemOf(target('process', `{ name: n1, ${url}, container: a }`))).toContain('“driver: docker”: n1');
    expect(problemOf(target('docker', `{ name: n1, ${url}, argument: abcd, start: [etcd] }`))).toContain('“compose”');
    expect(problemOf(target('process', `{ name: n1, ${url}, argument: abcd }`))).toContain('needs “start”');
    expect(problemOf(target('docker', `{ name: n1, ${url}, compose: etcd }`))).toContain('project/service');
  });
});
