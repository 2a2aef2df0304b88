import { close as closeCallback, fsync as fsyncCallback, open as openCallback, write as writeCallback } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const writeSome = promisify(writeCallback);
const fsync = promisify(fsyncCallback);
const close = promisify(closeCallback);
const open = promisify(openCallback);

const WRITE_AFTER_MS = 50;
const WRITE_FROM_CHARS = 64 * 1024;

/** Writes text to the end of a file, in order, in the background. Everything after the first failure is dropped. */
export class DiskWriter {
  private readonly fd: number;
  private readonly path: string;
  private readonly onFailure: (error: unknown) => void;
  private pending: string[] = [];
  private pendingChars = 0;
  private failure: { readonly error: unknown } | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** One thing at a time, in order. Never rejects: the first failure is kept. */
  private tail: Promise<void> = Promise.resolve();
  private queuedFlush: Promise<void> | null = null;
  private folderFlushed = false;
  private closed = false;

  /** `onFailure` is called once, at the first failure. */
  constructor(options: {
    readonly fd: number;
    readonly path: string;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.fd = options.fd;
    this.path = options.path;
    this.onFailure = options.onFailure;
  }

  push(text: string): void {
    if (this.closed) this.fail(new Error('it was closed before'));
    if (this.failure !== null) return;
    this.pending.push(text);
    this.pendingChars += text.length;
    if (this.pendingChars >= WRITE_FROM_CHARS) this.startDrain();
    else this.timer ??= setTimeout(() => this.startDrain(), WRITE_AFTER_MS);
  }

  /** Everything pushed so far is written and flushed to the disk. Rejects with the first failure, from then on. */
  async flush(): Promise<void> {
    // Flushes that wait behind a running one share the next. After `close` there is nothing left to flush.
    if (!this.closed) this.queuedFlush ??= this.inOrder(() => this.sync());
    await (this.queuedFlush ?? this.tail);
    if (this.failure !== null) throw this.failure.error;
  }

  /** Writes and flushes what is left, and frees the file. Rejects like `flush`. */
  async close(): Promise<void> {
    if (this.closed) return;
    const flushed = this.flush();
    this.closed = true;
    this.stopTimer();
    await flushed.finally(() => close(this.fd));
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    this.tail = this.tail.then(async () => {
      if (this.failure === null) await work().catch((error: unknown) => this.fail(error));
    });
    return this.tail;
  }

  private startDrain(): void {
    this.stopTimer();
    this.pendingChars = 0;
    void this.inOrder(() => this.drain());
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private async drain(): Promise<void> {
    const bytes = Buffer.from(this.pending.join(''), 'utf8');
    this.pending = [];
    this.pendingChars = 0;
    let done = 0;
    while (done < bytes.length) done += (await writeSome(this.fd, bytes, done, bytes.length - done, null)).bytesWritten;
  }

  private async sync(): Promise<void> {
    this.queuedFlush = null;
    await this.drain();
    await fsync(this.fd);
    if (!this.folderFlushed) await flushFolder(dirname(this.path));
    this.folderFlushed = true;
  }

  private fail(error: unknown): void {
    if (this.failure !== null) return;
    this.failure = { error };
    this.pending = [];
    this.onFailure(error);
  }
}

/** A new file survives a power cut only when its folder is flushed too. */
async function flushFolder(path: string): Promise<void> {
  const fd = await open(path, 'r');
  try {
    await fsync(fd);
  } finally {
    await close(fd);
  }
}
