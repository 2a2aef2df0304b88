/** Cuts a stream into frames: each has its length in front of it. */
import { int } from './jute.js';

/** ZooKeeper's own limit (`jute.maxbuffer`) is 1 MiB; a listing of many names may be larger than a value. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

export const framed = (parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
};

/** Throws when what comes cannot be ZooKeeper. */
export function frameCutter(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readInt32BE(0);
      if (length < 0 || length > MAX_FRAME_BYTES) throw new Error(`a frame of ${length} bytes is none of ZooKeeper’s`);
      if (held.length < 4 + length) return;
      const frame = held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
      onFrame(frame);
    }
  };
}
