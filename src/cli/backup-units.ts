import { type BackupCalendar, type BackupSlot, WEEKDAYS, type Weekday } from '../core/backup-calendar.js';

/** `cwd`: what relative paths in it are relative to. */
export interface UnitCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** The files that start `backup run` at the planned times, to be put in place by the user. */
export const unitFiles = (kind: string, calendar: BackupCalendar, command: UnitCommand): string =>
  kind === 'systemd' ? systemd(calendar, command) : cron(command);

/**
 * Every five minutes, not at the planned times: cron knows neither the calendar's zone nor its changes of the clocks,
 * and a start at which nothing is due does nothing.
 */
function cron({ argv, cwd }: UnitCommand): string {
  // A bare % ends the command for cron.
  const command = `cd ${quotedForShell(cwd)} && ${argv.map(quotedForShell).join(' ')}`.replaceAll('%', '\\%');
  return [
    '# firedrill: backups by the calendar of the recovery plan. Install: crontab -e',
    '# Whenever it starts it does what is due, once; what was missed is made up once.',
    `*/5 * * * * ${command}`,
  ].join('\n');
}

const SAFE = /^[\w@%+=:,./-]+$/;
const quotedForShell = (arg: string): string => (SAFE.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`);

function systemd(calendar: BackupCalendar, { argv, cwd }: UnitCommand): string {
  const times = Object.values(calendar.slots).map((slot) => `OnCalendar=${onCalendar(slot, calendar.timeZone)}`);
  return [
    '# /etc/systemd/system/firedrill-backup.service',
    '[Unit]',
    'Description=Registry backup by the calendar of the recovery plan',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `WorkingDirectory=${cwd.replaceAll('%', '%%')}`,
    `ExecStart=${argv.map(quotedForSystemd).join(' ')}`,
    '',
    '# /etc/systemd/system/firedrill-backup.timer, then: systemctl enable --now firedrill-backup.timer',
    '[Unit]',
    'Description=Planned times of the registry backup',
    '',
    '[Timer]',
    ...new Set(times),
    '# What was missed while the machine was off is made up, once.',
    'Persistent=true',
    'AccuracySec=1s',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ].join('\n');
}

const SHORT: Readonly<Record<Weekday, string>> = {
  sunday: 'Sun',
  monday: 'Mon',
  tuesday: 'Tue',
  wednesday: 'Wed',
  thursday: 'Thu',
  friday: 'Fri',
  saturday: 'Sat',
};

function onCalendar({ days, hours, minute }: BackupSlot, timeZone: string): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const which = days.length === WEEKDAYS.length ? '' : `${days.map((day) => SHORT[day]).join(',')} `;
  const when = hours.length === 24 ? '*' : hours.map(two).join(',');
  return `${which}*-*-* ${when}:${two(minute)}:00 ${timeZone}`;
}

/** % and $ begin something of systemd's own. */
function quotedForSystemd(arg: string): string {
  const text = arg.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return SAFE.test(arg) ? text : `"${text}"`;
}
