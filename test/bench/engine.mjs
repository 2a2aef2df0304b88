import { createRequire } from 'node:module';
import { buildImages } from '../images/build.mjs';

const Docker = createRequire(import.meta.url)('dockerode');

/** The engine and the images that rows about containers need; or why such a row cannot be measured here. */
export async function engineOrWhy() {
  const docker = new Docker();
  try {
    await docker.version();
    return { docker, images: buildImages() };
  } catch (error) {
    const said = String(error.stderr ?? '').trim() || error.message;
    return { why: `no Docker engine with our images: ${said.split('\n').at(-1)}` };
  }
}

/** Containers that only sleep. `remove` takes exactly these away. */
export async function startSleepers(docker, { image, name, count }) {
  const made = [];
  const remove = async () => {
    await Promise.all(made.map((container) => container.remove({ force: true }).catch((error) => ignoreGone(error))));
  };
  try {
    for (let n = 1; n <= count; n++) {
      const container = await docker.createContainer({
        name: `${name}${n}`,
        Image: image,
        Entrypoint: ['/bin/sleep'],
        Cmd: ['3600'],
        Labels: { 'firedrill.bench': name },
      });
      made.push(container);
      await container.start();
    }
    return { containers: made, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function ignoreGone(error) {
  if (error.statusCode !== 404) throw error;
}

/** A row that has no number on this machine, and says so. */
export const notMeasured = (work, must, why) => ({ work, must, measured: `not measured: ${why}`, ok: null });
