/** The library speaks the streams of browsers; files are Node's. */
import { Readable } from 'node:stream';

// Node's class and the browser's type are the same stream under two names.
export const webStream = (file: Readable): ReadableStream<Uint8Array> =>
  Readable.toWeb(file) as ReadableStream<Uint8Array>;

export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    if (!ended) await reader.cancel();
  }
}
