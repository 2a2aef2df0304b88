import type { Cipher } from '../core/archive-cipher.js';
import { invariant } from '../core/errors.js';
import type { BackupService } from '../core/services.js';
import { listArchives } from './list.js';
import { admitRestore } from './restore/admit.js';
import { restoreAll } from './restore/full.js';
import { prepareRestore } from './restore/prepare.js';
import { recordOf } from './restore/record.js';
import { restoreService } from './restore/service.js';
import { commitRestore, restoreUndoer } from './restore/undoer.js';
import { fullBackup, incrementalBackup } from './take.js';
import { verifyArchive } from './verify.js';

export { isArchive } from './names.js';
export { checkRestored, type RestoredCheck } from './restorable.js';
export * from './tier/index.js';

/** The cipher opens what is encrypted; without one only plain archives are opened. */
export const backupServiceWith = (cipher?: Cipher): BackupService => ({
  full: fullBackup,
  incremental: incrementalBackup,
  verify: (path) => verifyArchive(path, cipher),
  list: (dir) => listArchives(dir, cipher),
  restore: {
    admit: admitRestore,
    prepare: prepareRestore,
    execute: async (world, options) => {
      const record = recordOf(options.undo);
      invariant(record.sha256 === options.archive.info.sha256, 'the undo record was prepared for this archive');
      if (record.kind === 'full') await restoreAll(world, record, { ...options, cipher });
      else await restoreService(world, record, { ...options, cipher });
    },
    commit: commitRestore,
  },
  undoer: restoreUndoer,
});

export const backupService = backupServiceWith();
