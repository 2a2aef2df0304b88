/** JSON of much, without ever having it as one text: a text of 50 MB, its copy as bytes and its parts would be 150 MB. */

/** Root, list of services, service, list of instances: what lies deeper is small. */
const DEPTH = 4;
/** Texts are joined up to here before they become bytes: a call for each would take longer than its work. */
const TOGETHER = 64 * 1024;
/** Of UTF-8, for a unit of a JavaScript text. */
const MOST_BYTES = 3;

/**
 * The same bytes as those of `JSON.stringify(value, null, 2)` and a line end, for values with nothing undefined in them.
 * `expected`: room to begin with, in bytes.
 */
export function jsonBytes(value: object, expected: number): Uint8Array {
  let bytes = Buffer.allocUnsafeSlow(expected);
  let length = 0;
  let text = '';
  const flush = (): void => {
    const room = length + text.length * MOST_BYTES;
    if (room > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * room);
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    length += bytes.write(text, length);
    text = '';
  };
  for (const piece of piecesOf(value, 0)) {
    text += piece;
    if (text.length > TOGETHER) flush();
  }
  text += '\n';
  flush();
  return bytes.subarray(0, length);
}

function* piecesOf(value: unknown, depth: number): Generator<string> {
  const isList = Array.isArray(value);
  if (depth === DEPTH || typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    // A text holds no line end of its own in JSON, so that every one of these begins a line.
    yield JSON.stringify(value, null, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`);
    return;
  }
  const indent = '  '.repeat(depth + 1);
  let before = isList ? '[\n' : '{\n';
  for (const [key, member] of Object.entries(value)) {
    yield `${before}${indent}${isList ? '' : `${JSON.stringify(key)}: `}`;
    yield* piecesOf(member, depth + 1);
    before = ',\n';
  }
  yield `\n${'  '.repeat(depth)}${isList ? ']' : '}'}`;
}
