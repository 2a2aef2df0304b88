/** Shipped drills whose restore cannot take the first backup; tested in fallback.all.test.ts. */
export const WITH_FALLBACK = ['key-missing', 'latest-backup-damaged', 'other-site-copy'];
