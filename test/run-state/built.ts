/** The parts under test as plain JavaScript, so that other real processes can run them, and be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
const PUPPET = fileURLToPath(new URL('./puppet.mjs', import.meta.url));

export interface Built {
  readonly dir: string;
  readonly remove: () => void;
}

/** Types are checked elsewhere: this only strips them, which takes a moment instead of seconds. */
export function buildParts(more: readonly string[] = []): Built {
  mkdirSync(CACHE, { recursive: true });
  const dir = mkdtempSync(join(CACHE, 'firedrill-parts-'));
  const files = ['core', 'journal', 'run', ...more].flatMap((part) => listSources(part));
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(join(SRC, file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    const target = join(dir, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

const listSources = (part: string): readonly string[] =>
  ts.sys.readDirectory(join(SRC, part), ['.ts']).map((path) => path.slice(SRC.length));

export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly code: string };

/** A process that does what it is told, one thing at a time. */
export class Puppet {
  readonly child: ChildProcess;
  private readonly waiting: ((reply: Reply) => void)[] = [];

  constructor(built: Built) {
    this.child = fork(PUPPET, [built.dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (reply: Reply) => this.waiting.shift()?.(reply));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  tell(order: { readonly do: string; readonly [more: string]: unknown }): Promise<Reply> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.send(order);
    });
  }

  /** Like `tell`, and the order must succeed. */
  async must(order: { readonly do: string; readonly [more: string]: unknown }): Promise<unknown> {
    const reply = await this.tell(order);
    if (!reply.ok) throw new Error(`${order.do}: ${reply.code}`);
    return reply.value;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}
