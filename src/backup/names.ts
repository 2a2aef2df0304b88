/** What archives are called, and which of two names is the newer one. */
const ARCHIVE_NAME = /^registry-backup-(\d{8}-\d{6})(?:-(\d+))?\.tar\.gz(?:\.age)?$/;

/** The name of the n-th archive (from 1) of one second. */
export const archiveName = (stamp: string, n: number): string =>
  `registry-backup-${stamp}${n === 1 ? '' : `-${n}`}.tar.gz`;

export const isArchive = (name: string): boolean => ARCHIVE_NAME.test(name);

/** The archives among these names, newest first by their names. */
export const archivesByName = (names: readonly string[]): readonly string[] =>
  names.filter(isArchive).sort(newestNameFirst);

function newestNameFirst(a: string, b: string): number {
  const [stampA, stampB] = [stampOf(a), stampOf(b)];
  if (stampA.second !== stampB.second) return stampA.second < stampB.second ? 1 : -1;
  return stampB.n - stampA.n;
}

function stampOf(name: string): { readonly second: string; readonly n: number } {
  const [, second = '', n = '1'] = ARCHIVE_NAME.exec(name) ?? [];
  return { second, n: Number(n) };
}
