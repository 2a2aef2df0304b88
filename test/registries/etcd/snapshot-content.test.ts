/** What we read out of etcd's snapshot ourselves, against what etcd answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registries } from '../../../src/registries/index.js';
import { missingLab, type StartedLab, startLab } from '../../support/cluster.js';

const CALL = { limitMs: 10_000 };
const why = missingLab('etcd-3');

describe.skipIf(why !== null)(`the content of etcd’s snapshot${why === null ? '' : `: ${why}`}`, () => {
  let lab: StartedLab;
  beforeAll(async () => {
    lab = await startLab('etcd-3', 28_100);
  });
  afterAll(() => lab?.stop());

  const client = () => lab.cluster.registry.client('n1');
  const must = <T>(answer: { readonly outcome: string; readonly value?: T }): T => {
    if (answer.outcome !== 'ok' || answer.value === undefined) throw new Error(JSON.stringify(answer));
    return answer.value;
  };

  async function contentOfSnapshot(registry = lab.cluster.registry) {
    const bytes = must(await registry.backup.exportFrom('n1', CALL));
    expect(registry.backup.check(bytes)).toBeNull();
    return { bytes, content: registry.backup.contentOf?.(bytes) };
  }

  /** Nothing of ours comes between the listing and the snapshot. */
  async function sameAsListed() {
    const entries = must(await client().listOwn(CALL));
    const settings = must(await client().listSettings(CALL));
    const { revision } = must(await client().status(CALL));
    const { content } = await contentOfSnapshot();
    expect(content).toEqual({ entries, settings, revision });
    return entries;
  }

  it('is that of a fresh cluster, whose bucket may be inside its own value', async () => {
    await sameAsListed();
  });

  it('is the newest state: overwritten, removed, put again, leased, empty, large and strange values', async () => {
    const put = async (instance: string, value: string, leaseId?: string) =>
      must(await client().register({ service: 'shop', instance, value, ...(leaseId && { leaseId }) }, CALL));
    const { leaseId } = must(await client().grantLease(60_000, CALL));
    await put('a', 'first');
    await put('a', 'second');
    await put('gone', 'x');
    must(await client().deregister({ service: 'shop', instance: 'gone' }, CALL));
    await put('back', 'x');
    must(await client().deregister({ service: 'shop', instance: 'back' }, CALL));
    await put('back', '“中文”\n\u0000');
    await put('empty', '');
    await put('large', 'x'.repeat(300_000));
    await put('leased', 'x', leaseId);
    for (let n = 0; n < 600; n += 1) await put(`many-${n}`, `value ${n}`);
    const entries = await sameAsListed();
    expect(entries.filter(({ leased }) => leased).map(({ instance }) => instance)).toEqual(['leased']);
    expect(entries.find(({ instance }) => instance === 'back')?.value).toBe('“中文”\n\u0000');
  });

  it('is of the prefix that was asked for and no other', async () => {
    const { binding } = lab.cluster;
    const registry = registries.find('etcd')?.connect({ ...binding, prefix: '/elsewhere' });
    if (registry === undefined) throw new Error('no etcd');
    await expect(contentOfSnapshot(registry)).resolves.toMatchObject({ content: { entries: [] } });
    registry.close();
  });

  it('is refused when pages are missing or overwritten, whatever the checksum says', async () => {
    const { bytes } = await contentOfSnapshot();
    const { contentOf } = lab.cluster.registry.backup;
    expect(() => contentOf?.(bytes.subarray(0, 8_192))).toThrow(/beyond its end/);
    expect(() => contentOf?.(Buffer.alloc(bytes.length))).toThrow(/neither meta page is whole/);
    const scratched = Buffer.from(bytes).fill(0, 8_192, bytes.length - 32);
    expect(() => contentOf?.(scratched)).toThrow(/flags 0|is not a database/);
  });
});
