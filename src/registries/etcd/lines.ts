const LINE_END = 0x0a;

/** A line may come in many parts, and a part may hold many lines. */
export async function* linesOf(parts: AsyncIterable<Buffer>): AsyncIterable<string> {
  let rest: Buffer[] = [];
  for await (const part of parts) {
    const pieces = splitAt(part, LINE_END);
    const last = pieces.pop();
    for (const piece of pieces) {
      yield Buffer.concat([...rest, piece]).toString();
      rest = [];
    }
    if (last !== undefined) rest.push(last);
  }
}

function splitAt(bytes: Buffer, at: number): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(at); end >= 0; end = bytes.indexOf(at, start)) {
    pieces.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...pieces, bytes.subarray(start)];
}
