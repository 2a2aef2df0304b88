/** Shipped drills that load the newest backup into a registry that clients use; tested in newest-backup.all.test.ts. */
export const NEWEST_BACKUP = ['crashed-restart-and-restore', 'restore-while-writing'];
