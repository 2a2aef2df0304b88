import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { nearestName } from '../../src/core/catalog.js';
import { cells } from '../../src/core/cells.js';

test.each([
  ['registry', 8],
  ['注册中心', 8],
  ['主节点 n1（已停止）', 19],
  ['e\u0301te\u0301', 3],
  ['👩‍💻🇨🇳', 4],
  ['⚠️ ✓ …', 6],
  ['한글 ｶﾅ かな', 12],
])('%s takes %i cells', (text, width) => {
  expect(cells(text)).toBe(width);
});

const inside = (point: number, from: number, to: number): boolean => point >= from && point < to;

test('of every character that has a name, the width is that of a second opinion', () => {
  const differing: number[] = [];
  // Inside the blocks of Han and Hangul one in a hundred will do.
  const stride = (point: number): number => (inside(point, 0x3500, 0xa000) || inside(point, 0xac10, 0xd700) ? 101 : 1);
  for (let point = 0x20; point <= 0x1ffff; point += stride(point)) {
    const char = String.fromCodePoint(point);
    if (/[\p{Cn}\p{Co}\p{Cs}]/u.test(char) || /\p{Regional_Indicator}/u.test(char)) continue;
    if (cells(char) !== stringWidth(char)) differing.push(point);
  }
  expect(differing.map((point) => point.toString(16))).toEqual([]);
});

test('text of letters, Han and emoji is as wide as its parts', () => {
  const part = fc.constantFrom('a', '，', '注', '✓', '🚨', 'é', '한', '⚠️', ' ');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      expect(cells(parts.join(''))).toBe(stringWidth(parts.join('')));
    }),
  );
});

test('a name is near when few letters were put in, left out or exchanged', () => {
  const names = ['node.kill', 'node.pause', 'network.delay'];
  expect(nearestName('node.kil', names)).toBe('node.kill');
  expect(nearestName('nodepuase', names)).toBe('node.pause');
  expect(nearestName('disk.fill', names)).toBeNull();
  expect(nearestName('anything', [])).toBeNull();
});
