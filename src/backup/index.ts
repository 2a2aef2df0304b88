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
import { type Proving, verifyArchive } from './verify.js';

export { chooseNode, limits } from './export.js';
export { isArchive } from './names.js';
export { checkRestored, type RestoredCheck } from './restorable.js';
export * from './tier/index.js';

export const backupServiceWith = (proving: Proving = {}): BackupService => ({
  full: fullBackup,
  incremental: incrementalBackup,
  verify: (path) => verifyArchive(path, proving),
  list: (dir) => listArchives(dir, proving),
  restore: {
    admit: admitRestore,
    prepare: prepareRestore,
    execute: async (world, options) => {
      const record = recordOf(options.undo);
      invariant(record.sha256 === options.archive.info.sha256, 'the undo record was prepared for this archive');
      if (record.kind === 'full') await restoreAll(world, record, { ...options, cipher: proving.cipher });
      else await restoreService(world, record, { ...options, cipher: proving.cipher });
    },
    commit: commitRestore,
  },
  undoer: restoreUndoer,
});

export const backupService = backupServiceWith();
