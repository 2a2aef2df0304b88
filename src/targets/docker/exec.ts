import type { NodeAbilities } from '../../core/abilities.js';
import { engineRefused } from '../../core/container-engine.js';
import { containerNameOf, containerOf, splitOutput } from '../../core/node-container.js';
import { bi } from '../../core/text.js';
import { readAll } from './read-all.js';

export const execInContainer: NonNullable<NodeAbilities['exec']> = async (node, argv) => {
  const name = containerNameOf(node);
  try {
    const container = await containerOf(node);
    const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
    const output = splitOutput(await readAll(await exec.start({ hijack: true, stdin: false })));
    const { ExitCode } = await exec.inspect();
    return { ...output, exitCode: ExitCode ?? -1 };
  } catch (error) {
    const program = argv.join(' ');
    throw engineRefused(
      bi(`\`${program}\` in container ${name} could not be run`, `无法在容器 ${name} 中运行 \`${program}\``),
      error,
    );
  }
};
