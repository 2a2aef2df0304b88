/** The small shapes that several parts of a drill file share. */
import { RUN_FOLDERS, type Scalar } from '../core/drill.js';
import { complain, duration, integer, line, mapped, type Shape, wrongType } from '../core/shape.js';
import { word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';

export { parsePercent, share, timeZone, word } from '../core/shape-words.js';

export const drillId = line(
  bi('an id of lower-case letters, digits and dashes', '由小写字母、数字和短横线组成的标识'),
  {
    pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$',
    maxLength: 64,
  },
);

export const STEP_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
export const stepId = line(
  bi('a step id of letters, digits, “.”, “_” and “-”', '由字母、数字、“.”、“_”和“-”组成的步骤标识'),
  {
    pattern: STEP_ID_PATTERN,
    maxLength: 80,
  },
);

export const name = line(bi('a name', '名称'), { maxLength: 200 });

export const scalar: Shape<Scalar> = {
  schema: { type: ['string', 'number', 'boolean'] },
  read: (place) => {
    const { value } = place;
    const fits = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    return fits && isScalar(value)
      ? value
      : wrongType(place, bi('a text, a number, true or false', '文本、数字、true 或 false'));
  },
};

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

const RATE_PATTERN = '^\\d+(?:\\.\\d+)?/s$';

/** `20/s` → 20. */
export const rate: Shape<number> = {
  schema: { type: 'string', pattern: RATE_PATTERN, examples: ['20/s'] },
  read: (place) => {
    const { value } = place;
    const wanted = bi('a rate like 20/s', '速率，例如 20/s');
    if (typeof value !== 'string' || !new RegExp(RATE_PATTERN).test(value)) return wrongType(place, wanted);
    const perSecond = Number.parseFloat(value);
    return perSecond > 0 && perSecond <= MAX_RATE
      ? perSecond
      : complain(
          place,
          bi(`the rate ${quoted(value)} is impossible here`, `速率${quoted(value)}在此处不可能成立`),
          RATES,
        );
  },
};

const MAX_RATE = 5_000;
const RATES = bi(`allowed: more than 0/s, at most ${MAX_RATE}/s`, `允许范围：大于 0/s，至多 ${MAX_RATE}/s`);

/** A path inside the folder it is relative to. */
export const innerPath: Shape<string> = mapped(word, (value, place) =>
  value.startsWith('/') || value.split('/').includes('..')
    ? complain(place, bi(`the path ${quoted(value)} leads out of its folder`, `路径${quoted(value)}超出了所在目录`))
    : value,
);

/** A path relative to the drill, which may begin with a folder of the run in braces. */
export const placePath: Shape<string> = mapped(word, (value, place) => {
  const folder = /^\{([^}]*)\}/.exec(value)?.[1];
  if (folder === undefined || RUN_FOLDERS.some((known) => known === folder)) return value;
  const known = RUN_FOLDERS.map((one) => `{${one}}`).join(', ');
  return complain(
    place,
    bi(`a run has no folder ${quoted(`{${folder}}`)}`, `运行没有目录${quoted(`{${folder}}`)}`),
    bi(`known here: ${known}`, `此处可用：${known}`),
  );
});

export const anyDuration = duration();
export const count = integer(1, 1_000);

/** Wall clock, ms since the epoch. Without a zone it would be another moment on another machine. */
export const moment: Shape<number> = mapped(
  line(bi('a time with its zone, like “2026-11-22T02:00:00+08:00”', '带时区的时间，如“2026-11-22T02:00:00+08:00”'), {
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:\\d\\d)$',
  }),
  (value, place) => {
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? complain(place, bi('there is no such time', '该时间不存在')) : ms;
  },
);
