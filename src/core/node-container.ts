/** Finding and starting the container of a node: shared by the docker driver and the labs. */
import type Docker from 'dockerode';
import { type Clock, pollUntil } from './clock.js';
import { containerEngine, engineRefused, statusOf } from './container-engine.js';
import type { NodeSpec } from './drill.js';
import { invariant, WorldError } from './errors.js';
import type { NodeState } from './target.js';
import { bi } from './text.js';

/** A wrong flag or a missing file ends a server this soon; its later death is for the registry's answers to tell. */
const SURVIVES_MS = 100;
const LAST_LINES = 15;

type Named = Pick<NodeSpec, 'name' | 'find'>;

/** The name, as bound: labels and compose services were turned into it before. */
export function containerNameOf(node: Named): string {
  invariant(node.find.by === 'container', `${node.name} is not bound to a container`);
  return node.find.container;
}

export async function containerOf(node: Named): Promise<Docker.Container> {
  return (await containerEngine()).getContainer(containerNameOf(node));
}

/** Null = there is no such container. */
export async function lookAtContainer(node: Named): Promise<Docker.ContainerInspectInfo | null> {
  const name = containerNameOf(node);
  try {
    return await (await containerOf(node)).inspect();
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw engineRefused(bi(`container ${name} could not be inspected`, `无法查看容器 ${name}`), error);
  }
}

/** Also one that is not there any more, or waits for its restart, is gone. */
export function containerState(seen: Docker.ContainerInspectInfo | null): NodeState {
  if (seen === null || !seen.State.Running || seen.State.Pid === 0) return { state: 'gone' };
  return {
    state: seen.State.Paused ? 'frozen' : 'running',
    pid: seen.State.Pid,
    startTicks: Date.parse(seen.State.StartedAt),
  };
}

/** Starts the container unless it runs; one that ends at once with an error is a WorldError with its last words. */
export async function startContainer(node: NodeSpec, clock: Clock): Promise<NodeState> {
  const name = containerNameOf(node);
  const before = await lookAtContainer(node);
  const already = containerState(before);
  if (already.state !== 'gone') return already;
  const container = await containerOf(node);
  try {
    // Between two of its restarts, up to a minute, the engine takes it for running; a stop ends the waiting.
    if (before?.State.Restarting) await container.stop({ t: 0 });
    await container.start();
  } catch (error) {
    // 304: it runs already; its restart policy, or somebody else, was faster.
    if (statusOf(error) !== 304) {
      throw engineRefused(
        bi(`${node.name}: container ${name} could not be started`, `${node.name}：无法启动容器 ${name}`),
        error,
      );
    }
  }
  const { value: seen } = await pollUntil(
    () => lookAtContainer(node),
    (look) => containerState(look).state === 'gone',
    { clock, withinMs: SURVIVES_MS, everyMs: 25 },
  );
  const state = containerState(seen);
  if (state.state !== 'gone') return state;
  const said = await lastWordsOfContainer(node);
  const code = seen?.State.ExitCode ?? null;
  const why = code === null ? 'it is not there' : `it exited at once with code ${code}`;
  throw new WorldError({
    code: 'node-start-failed',
    message: bi(
      `${node.name}: container ${name} could not be started: ${why}${said}`,
      `${node.name}：无法启动容器 ${name}：${why}${said}`,
    ),
    hint: bi(`\`docker logs ${name}\` shows all it said.`, `\`docker logs ${name}\` 可查看其全部输出。`),
  });
}

/** Each line after a line break; empty if it said nothing, or is not there any more. */
export async function lastWordsOfContainer(node: Named): Promise<string> {
  const container = await containerOf(node);
  try {
    const raw = await container.logs({ stdout: true, stderr: true, tail: LAST_LINES, follow: false });
    const { stdout, stderr } = splitOutput(raw);
    const said = `${stdout}${stderr}`.trim();
    return said === '' ? '' : `\n${said}`;
  } catch (error) {
    if (statusOf(error) === 404) return '';
    throw engineRefused(bi(`the log of ${node.name} could not be read`, `无法读取 ${node.name} 的日志`), error);
  }
}

const HEADER_BYTES = 8;
const STDERR = 2;

/** The engine sends both streams of a program without a terminal in one, each piece behind a header of its own. */
export function splitOutput(raw: Buffer): { readonly stdout: string; readonly stderr: string } {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= raw.length) {
    const end = at + HEADER_BYTES + raw.readUInt32BE(at + 4);
    (raw[at] === STDERR ? err : out).push(raw.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return { stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}
