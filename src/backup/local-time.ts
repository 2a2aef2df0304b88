/** The same moment as people of a zone write it, and in UTC; both to the second. */
export interface BackupTime {
  /** "2025-09-23 02:00:00" */
  readonly local: string;
  /** "2025-09-22T18:00:00Z" */
  readonly utc: string;
  /** "20250923-020000" */
  readonly stamp: string;
  readonly epochSeconds: number;
}

export function backupTime(wallIso: string, timeZone: string): BackupTime {
  const epochSeconds = Math.floor(Date.parse(wallIso) / 1_000);
  const moment = new Date(epochSeconds * 1_000);
  const fields = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(moment);
  const field = (type: Intl.DateTimeFormatPartTypes): string => fields.find((part) => part.type === type)?.value ?? '';
  const date = [field('year'), field('month'), field('day')];
  const time = [field('hour'), field('minute'), field('second')];
  return {
    local: `${date.join('-')} ${time.join(':')}`,
    utc: moment.toISOString().replace('.000Z', 'Z'),
    stamp: `${date.join('')}-${time.join('')}`,
    epochSeconds,
  };
}
