/** Archives of which only name, label and size matter. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backupTime } from '../../../src/backup/local-time.js';
import { type ArchiveLabel, formatLabel, labelName, plainName } from '../../../src/core/archive-label.js';
import type { BackupCalendar } from '../../../src/core/backup-calendar.js';
import { systemClock } from '../../../src/core/clock.js';
import type { Store } from '../../../src/core/store.js';
import { stores } from '../../../src/stores/index.js';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The seed's own times (§3.3), in UTC. */
export const CALENDAR: BackupCalendar = {
  timeZone: 'UTC',
  graceMs: HOUR_MS / 2,
  slots: {
    full: { type: 'full', days: ['sunday'], hours: [2], minute: 0, keepMs: 28 * DAY_MS },
    daily: {
      type: 'incremental',
      days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
      hours: [2],
      minute: 0,
      keepMs: 7 * DAY_MS,
    },
    hourly: {
      type: 'incremental',
      days: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
      hours: Array.from({ length: 24 }, (_, hour) => hour),
      minute: 0,
      keepMs: DAY_MS,
    },
  },
};

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What its archive holds: the time, and padding that no two share. */
export const bytesOf = (takenMs: number, bytes = 40): Buffer => {
  const line = Buffer.from(`${new Date(takenMs).toISOString()}\n`);
  return Buffer.alloc(bytes, line);
};

export function someLabel(takenMs: number, parent: ArchiveLabel | null, bytes = bytesOf(takenMs)): ArchiveLabel {
  const time = backupTime(new Date(takenMs).toISOString(), 'UTC');
  const file = `registry-backup-${time.stamp}.tar.gz`;
  return {
    format: 'firedrill-label',
    format_version: '1.0',
    file,
    bytes: bytes.length,
    sha256: sha256(bytes),
    encrypted: false,
    type: parent === null ? 'full' : 'incremental',
    backup_time_utc: time.utc,
    product: 'etcd',
    product_version: '3.4.23',
    cluster_id: 'cdf818194e3a8c32',
    revision: 1,
    counts: { services: 1, instances: 2, durable: 1, settings: 0, removed: 0 },
    state: { instances: 2, durable: 1, content_hash: sha256('c'), durable_hash: sha256('d') },
    snapshot_sha256: sha256(`snapshot ${file}`),
    parent:
      parent === null
        ? null
        : {
            file: plainName(parent.file),
            snapshot_sha256: parent.snapshot_sha256,
            revision: parent.revision,
            backup_time_utc: parent.backup_time_utc,
          },
    base: parent === null ? file : parent.base,
  };
}

export function writeLabelled(dir: string, label: ArchiveLabel, bytes?: Buffer): void {
  writeFileSync(join(dir, label.file), bytes ?? bytesOf(Date.parse(label.backup_time_utc)));
  writeFileSync(join(dir, labelName(label.file)), formatLabel(label));
}

export function folderStore(path: string): Store {
  const driver = stores.find('directory');
  if (driver === undefined) throw new Error('there is no store of kind directory');
  return driver.open({ kind: 'directory', path }, { clock: systemClock, env: {} });
}
