#!/usr/bin/env node
/**
 * Builds container images from Debian's packages, without any image registry: a tar with the programs and the libraries
 * they load, brought in by `docker import`. Cached: the tar under ~/.cache/firedrill/images, the image by its tag in the
 * engine.
 *
 *   node test/images/build.mjs [etcd] [net] [zookeeper]      prints {"etcd":"firedrill/etcd:3.4.23","net":"firedrill/net:1"}
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { etcdImage } from './etcd.mjs';
import { netImage } from './net.mjs';
import { zookeeperImage } from './zookeeper.mjs';

export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'firedrill');

/** Each: `tag()` without building anything, `fill(root)` puts its files there. */
const IMAGES = { etcd: etcdImage, net: netImage, zookeeper: zookeeperImage };

/** Builds what the engine does not have yet; name → tag. */
export function buildImages(names = Object.keys(IMAGES)) {
  return Object.fromEntries(names.map((name) => [name, buildImage(name)]));
}

function buildImage(name) {
  const image = IMAGES[name];
  if (image === undefined) throw new Error(`there is no image ${name}: ${Object.keys(IMAGES).join(', ')}`);
  const tag = image.tag();
  if (hasImage(tag)) return tag;
  const tar = join(cache, 'images', `${tag.replaceAll(/[/:]/g, '-')}.tar`);
  if (!existsSync(tar)) pack(image, tar);
  console.error(`images: importing ${tag}`);
  execFileSync('docker', ['import', tar, tag], { stdio: 'pipe' });
  return tag;
}

function pack(image, tar) {
  mkdirSync(join(tar, '..'), { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'firedrill-image-'));
  try {
    const root = join(work, 'root');
    mkdirSync(root);
    for (const dir of ['tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, dir), { recursive: true });
    image.fill(root);
    const part = `${tar}.${process.pid}.part`;
    execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', part, '.'], { stdio: 'pipe' });
    renameSync(part, tar);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function hasImage(tag) {
  return execFileSync('docker', ['images', '-q', tag], { encoding: 'utf8' }).trim() !== '';
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2);
  console.log(JSON.stringify(buildImages(names.length === 0 ? undefined : names)));
}
