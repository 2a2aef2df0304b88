import { describe, expect, it } from 'vitest';
import { type ArchiveLabel, formatLabel, labelName, parseLabel, plainName } from '../../src/core/archive-label.js';

const HASH = 'a'.repeat(64);
const LABEL: ArchiveLabel = {
  format: 'firedrill-label',
  format_version: '1.0',
  file: 'registry-backup-20250923-020000.tar.gz',
  bytes: 4_711,
  sha256: HASH,
  encrypted: false,
  type: 'incremental',
  backup_time_utc: '2025-09-22T18:00:00Z',
  product: 'etcd',
  product_version: '3.4.23',
  cluster_id: 'cdf818194e3a8c32',
  revision: 1_234,
  counts: { services: 1, instances: 2, durable: 1, settings: 0, removed: 3 },
  state: { instances: 40, durable: 39, content_hash: HASH, durable_hash: HASH },
  snapshot_sha256: HASH,
  parent: {
    file: 'registry-backup-20250922-020000.tar.gz',
    snapshot_sha256: HASH,
    revision: 1_000,
    backup_time_utc: '2025-09-21T18:00:00Z',
  },
  base: 'registry-backup-20250921-020000.tar.gz',
};

describe('the label beside an archive', () => {
  it('is read as it was written, and lies beside its archive', () => {
    expect(parseLabel(formatLabel(LABEL))).toEqual(LABEL);
    expect(labelName(LABEL.file)).toBe('registry-backup-20250923-020000.tar.gz.json');
    expect(plainName('x.tar.gz.age')).toBe('x.tar.gz');
  });

  it('betrays every changed character: a flipped digit of the revision would be a gap that nobody sees', () => {
    const text = formatLabel(LABEL);
    for (const at of [...text].flatMap((letter, i) => (/[0-9a-z]/.test(letter) ? [i] : []))) {
      const other = text[at] === '1' ? '2' : '1';
      expect(() => parseLabel(text.slice(0, at) + other + text.slice(at + 1)), `at ${at}`).toThrow();
    }
  });

  it('of a newer format is refused as such', () => {
    const newer = { ...LABEL, format_version: '2.0' } as unknown as ArchiveLabel;
    expect(() => parseLabel(formatLabel(newer))).toThrow('newer than 1.0');
  });
});
