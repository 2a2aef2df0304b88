/** Takes down a lab that a run started, from the record `{lab}` alone. */
import type { Clock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { UndoData, Undoer } from '../core/fault.js';
import { bi } from '../core/text.js';
import { type Runnable, remainsOf, tearDown } from './down.js';

export function makeLabUndoer(kinds: readonly Runnable[], stateRoot: string, clock: Clock): Undoer {
  const kindOf = (data: UndoData): Runnable => {
    const kind = kinds.find(({ name }) => name === data.lab);
    if (kind !== undefined) return kind;
    throw new WorldError({
      code: 'lab-unknown',
      message: bi(
        `the undo record names a lab that this Firedrill does not know: ${data.lab}`,
        `撤销记录中的练习集群不为此版本所知：${data.lab}`,
      ),
    });
  };
  return {
    name: 'lab',
    revert: async (_, data) => {
      const kind = kindOf(data);
      const wasThere = await tearDown(kind, stateRoot, clock);
      const detail = wasThere
        ? bi(`${kind.name}: stopped, its files removed`, `${kind.name}：已停止并删除其文件`)
        : bi(`${kind.name} is not up`, `${kind.name} 未在运行`);
      return { reverted: true, nothingToDo: !wasThere, detail };
    },
    residue: (_, data) => remainsOf(kindOf(data), stateRoot),
  };
}
