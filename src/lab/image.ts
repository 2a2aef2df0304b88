import { containerEngine, engineRefused, statusOf, wordsOf } from '../core/container-engine.js';
import { WorldError } from '../core/errors.js';
import { type Bilingual, bi } from '../core/text.js';
import type { LabContainers } from './kind.js';

type Wanted = Pick<LabContainers, 'image' | 'imageVariable'>;

/** Whether the engine has it; nothing is fetched. */
export async function hasImage(image: string): Promise<boolean> {
  const engine = await containerEngine();
  try {
    await engine.getImage(image).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw engineRefused(bi(`image ${image} could not be looked up`, `无法查询镜像 ${image}`), error);
  }
}

export const imageMissing = ({ image, imageVariable }: Wanted): Bilingual =>
  bi(
    `the image ${image} is not in the Docker engine: \`docker pull ${image}\`, or name one that is there in ${imageVariable}`,
    `Docker 引擎中没有镜像 ${image}：请运行 \`docker pull ${image}\`，或用 ${imageVariable} 指定已有的镜像`,
  );

/** Waits until the engine has fetched it. */
export async function pullImage(wanted: Wanted): Promise<void> {
  const engine = await containerEngine();
  try {
    const progress = await engine.pull(wanted.image);
    await new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(progress, (error, told) => {
        const failure = error ?? failureIn(told);
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  } catch (error) {
    const why = imageMissing(wanted);
    throw new WorldError({
      code: 'image-missing',
      message: bi(
        `The image ${wanted.image} cannot be fetched: ${wordsOf(error)}`,
        `无法获取镜像 ${wanted.image}：${wordsOf(error)}`,
      ),
      hint: why,
      cause: error,
    });
  }
}

/** A pull that fails after it began (Podman: any that fails) answers 200, and says so in a line of its progress. */
function failureIn(told: readonly { readonly error?: string }[]): Error | null {
  const failed = told.find(({ error }) => error !== undefined);
  return failed === undefined ? null : new Error(failed.error);
}
