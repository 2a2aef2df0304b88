/** When backups, drills and people are there (seed §3.3, §8.2). */
import {
  type BackupCalendar,
  type BackupSlot,
  WEEKDAYS,
  type Weekday,
  type WorkingHours,
} from '../core/backup-calendar.js';
import { DRILL_INTERVALS } from '../core/recovery-plan.js';
import { complain, line, mapped, nameOf, type Shape } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { timeZone } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { identifier, longSpan, span } from './words.js';

const weekday = nameOf(WEEKDAYS, bi('a weekday', '星期'));
const days = list(weekday, bi('a list of weekdays', '星期列表'), 1);

const TIME_PATTERN = '^(?:(?:[01]\\d|2[0-3]):[0-5]\\d|\\*:[0-5]\\d)$';
const slotTime = line(bi('a time like 02:00, or *:00 for every hour', '时间，例如 02:00；*:00 表示每小时'), {
  pattern: TIME_PATTERN,
});

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

const slot: Shape<BackupSlot> = mapped(
  object(
    {
      type: required(
        nameOf(['full', 'incremental'], bi('a type of backup', '备份类型')),
        'full or incremental',
        'full 或 incremental',
      ),
      days: optional(days, 'on which days; default all', '在哪些日子；默认每天'),
      at: required(slotTime, 'local time; *:00 is every hour', '当地时间；*:00 表示每小时'),
      keep: required(longSpan, 'how long an archive is kept', '归档保留多久'),
    },
    bi('a slot { type, days, at, keep }', '时段 { type, days, at, keep }'),
  ),
  ({ type, days: given = WEEKDAYS, at, keep }): BackupSlot => {
    const [hour = '', minute = ''] = at.split(':');
    return { type, days: given, hours: hour === '*' ? HOURS : [Number(hour)], minute: Number(minute), keepMs: keep };
  },
);

const USUAL_GRACE_MS = 30 * 60_000;

export const calendar: Shape<BackupCalendar> = mapped(
  object(
    {
      timeZone: required(timeZone, 'in which the times are meant', '时间所在的时区'),
      grace: optional(
        span,
        'a backup that begins later than this has missed its time; default 30m',
        '超过此时长才开始的备份视为错过；默认 30m',
      ),
      slots: required(
        recordOf(slot, { key: identifier, what: bi('slots by name', '以名称为键的时段') }),
        'when what is backed up',
        '何时备份什么',
      ),
    },
    bi('a calendar { timeZone, slots }', '备份日历 { timeZone, slots }'),
  ),
  ({ grace, slots, timeZone: zone }, place) =>
    Object.values(slots).some(({ type }) => type === 'full')
      ? { timeZone: zone, graceMs: grace ?? USUAL_GRACE_MS, slots }
      : complain(place, bi('no slot makes a full backup', '没有任何时段执行全量备份')),
);

const minuteOfDay = mapped(
  line(bi('a time like 09:00', '时间，例如 09:00'), { pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$' }),
  (value): number => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)),
);

const weekdays = (given: readonly Weekday[]): readonly Weekday[] => WEEKDAYS.filter((day) => given.includes(day));

export const workingHours: Shape<WorkingHours> = mapped(
  object(
    {
      timeZone: required(timeZone, 'in which the times are meant', '时间所在的时区'),
      days: required(days, 'on which days', '在哪些日子'),
      from: required(minuteOfDay, 'when work begins', '上班时间'),
      to: required(minuteOfDay, 'when it ends', '下班时间'),
    },
    bi('working hours { timeZone, days, from, to }', '工作时间 { timeZone, days, from, to }'),
  ),
  ({ timeZone: zone, days: given, from, to }, place) =>
    from < to
      ? { timeZone: zone, days: weekdays(given), fromMinute: from, toMinute: to }
      : complain(place, bi('work ends before it begins', '下班时间早于上班时间')),
);

const interval = nameOf(DRILL_INTERVALS, bi('an interval', '间隔'));

export const drillFrequency = object(
  {
    tabletop: optional(interval, 'review and discussion', '桌面推演'),
    partial: optional(interval, 'one link, really done', '局部演练'),
    'full-flow': optional(interval, 'the whole recovery', '全流程演练'),
    'fault-injection': optional(interval, 'chaos engineering', '混沌工程'),
  },
  bi('an interval per kind of drill', '每种演练的间隔'),
);
