import type Docker from 'dockerode';
import type { HelperCommand, HelperResult, NodeAbilities } from '../../core/abilities.js';
import { containerEngine, engineRefused, statusOf } from '../../core/container-engine.js';
import { WorldError } from '../../core/errors.js';
import { lookAtContainer, splitOutput } from '../../core/node-container.js';
import { bi } from '../../core/text.js';
import { readAll } from './read-all.js';
import { requireContainer } from './stop.js';

/**
 * A helper container that joins the node's network namespace: nothing is needed in the node's own image. The engine
 * removes it when it ends, also when we do not live to see that.
 */
export const runInNetworkOf: NonNullable<NodeAbilities['runInNetworkOf']> = async (node, command) => {
  const { Id, State } = await requireContainer(node);
  if (!State.Running) {
    throw new WorldError({
      code: 'node-not-running',
      message: bi(
        `${node.name} does not run: it has no network to work on`,
        `${node.name} 没有运行，因此没有可操作的网络`,
      ),
    });
  }
  const [program = ''] = command.argv;
  try {
    return await runOnce(await containerEngine(), Id, command);
  } catch (error) {
    if (statusOf(error) === 404) throw helperImageMissing(command.image, error);
    throw engineRefused(
      bi(
        `\`${program}\` in the network of ${node.name} could not be run`,
        `无法在 ${node.name} 的网络中运行 \`${program}\``,
      ),
      error,
    );
  }
};

async function runOnce(engine: Docker, node: string, command: HelperCommand): Promise<HelperResult> {
  const { stdin, withinMs } = command;
  const container = await engine.createContainer(optionsOf(node, command));
  try {
    const reads = stdin !== undefined;
    const streams = { stream: true, stdin: reads, hijack: reads, stdout: true, stderr: true };
    const [output, removed] = await Promise.all([container.attach(streams), whenRemoved(engine, container.id)]);
    const said = collect(output);
    await container.start();
    if (reads) output.end(stdin);
    const ended = (async () => {
      await said.end;
      return removed.exitCode();
    })();
    const exitCode = await (withinMs === undefined ? ended : orNull(ended, withinMs));
    if (exitCode !== null) return { exitCode, ...splitOutput(said.soFar()) };
    leave(output, ended);
    return { exitCode: -1, cutOff: true, ...splitOutput(said.soFar()) };
  } catch (error) {
    // One that was never started is not removed by the engine.
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
}

const optionsOf = (node: string, { image, argv, stdin, mark, apart }: HelperCommand): Docker.ContainerCreateOptions => {
  const [program = '', ...args] = argv;
  const reads = stdin !== undefined;
  return {
    Image: image,
    Entrypoint: [program],
    Cmd: args,
    User: '0',
    AttachStdin: reads,
    OpenStdin: reads,
    StdinOnce: reads,
    AttachStdout: true,
    AttachStderr: true,
    Labels: { [HELPER_LABEL]: node, ...(mark === undefined ? {} : { [MARK_LABEL]: mark }) },
    HostConfig: {
      AutoRemove: true,
      NetworkMode: apart === true ? 'none' : `container:${node}`,
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
    },
  };
};

interface Collected {
  readonly end: Promise<void>;
  readonly soFar: () => Buffer;
}

function collect(stream: AsyncIterable<unknown>): Collected {
  const pieces: Buffer[] = [];
  const read = async (): Promise<void> => {
    for await (const piece of stream) pieces.push(Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece)));
  };
  return { end: read(), soFar: () => Buffer.concat(pieces) };
}

async function orNull<T>(work: Promise<T>, withinMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nobody reads on; that the stream then breaks off is no finding. */
function leave(output: NodeJS.ReadWriteStream, ended: Promise<unknown>): void {
  ended.catch(() => {});
  output.on('error', () => {});
}

/** Resolves once the engine has begun to wait: one that begins after the removal would find nothing. */
async function whenRemoved(engine: Docker, id: string): Promise<{ readonly exitCode: () => Promise<number> }> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const call = {
      path: `/containers/${id}/wait?condition=removed&`,
      method: 'POST',
      isStream: true,
      options: {},
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    };
    engine.modem.dial(call, (error: unknown, answer: unknown) =>
      error === null ? resolve(answer as NodeJS.ReadableStream) : reject(error),
    );
  });
  const answer = readAll(stream);
  return {
    exitCode: async () => {
      const told: { readonly StatusCode: number } = JSON.parse((await answer).toString('utf8'));
      return told.StatusCode;
    },
  };
}

const HELPER_LABEL = 'firedrill.helper';
const MARK_LABEL = 'firedrill.helper.mark';
const OFFICIAL_IMAGE = 'docker.io/nicolaka/netshoot:v0.13';

export const helperImageOf = (env: Readonly<Record<string, string | undefined>>): string =>
  env.FIREDRILL_IMAGE_NET || OFFICIAL_IMAGE;

export const endHelpers: NonNullable<NodeAbilities['endHelpers']> = async (node, mark) => {
  const seen = await lookAtContainer(node);
  if (seen === null) return;
  const engine = await containerEngine();
  const filters = JSON.stringify({ label: [`${HELPER_LABEL}=${seen.Id}`, `${MARK_LABEL}=${mark}`] });
  try {
    const left = await engine.listContainers({ all: true, filters });
    await Promise.all(left.map(({ Id }) => removeHelper(engine, Id)));
  } catch (error) {
    throw engineRefused(
      bi(`the helpers of ${node.name} could not be ended`, `无法结束 ${node.name} 的辅助容器`),
      error,
    );
  }
};

export const helpersOf: NonNullable<NodeAbilities['helpersOf']> = async (node) => {
  const seen = await lookAtContainer(node);
  if (seen === null) return [];
  const engine = await containerEngine();
  try {
    const filters = JSON.stringify({ label: [`${HELPER_LABEL}=${seen.Id}`] });
    const all = await engine.listContainers({ all: true, filters });
    return all.map(({ Id, Names }) => (Names[0] ?? Id).replace(/^\//, ''));
  } catch (error) {
    throw engineRefused(
      bi(`the helpers of ${node.name} could not be listed`, `无法列出 ${node.name} 的辅助容器`),
      error,
    );
  }
};

/** 404, 409: the engine has removed it, or is about to. */
async function removeHelper(engine: Docker, id: string): Promise<void> {
  try {
    await engine.getContainer(id).remove({ force: true });
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 409) throw error;
  }
}

const helperImageMissing = (image: string, cause: unknown): WorldError =>
  new WorldError({
    code: 'helper-image-missing',
    message: bi(`the helper image ${image} is not in the Docker engine`, `Docker 引擎中没有辅助镜像 ${image}`),
    hint: bi(
      `Fetch it: \`docker pull ${image}\`, or name one that is there in FIREDRILL_IMAGE_NET.`,
      `请运行 \`docker pull ${image}\`，或用 FIREDRILL_IMAGE_NET 指定已有的镜像。`,
    ),
    cause,
  });
