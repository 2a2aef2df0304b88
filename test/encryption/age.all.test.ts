/** Firedrill and the program `age` open each other's files. */
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageCipher } from '../../src/encryption/index.js';
import { writeArchive } from '../backup/material.js';
import { missingAge, withAge } from '../setup/age.js';

let dir: string;
let archive: string;
const run = (program: string, ...args: readonly string[]): Buffer =>
  execFileSync(program, [...args], { cwd: dir, env: withAge(), stdio: ['ignore', 'pipe', 'pipe'] });

/** `age` asks for a passphrase at a terminal only: `script` is one. */
async function runAtTerminal(phrase: string, ...args: readonly string[]): Promise<void> {
  const child = spawn('script', ['-qec', ['age', ...args].join(' '), '/dev/null'], { cwd: dir, env: withAge() });
  let said = '';
  let answered = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const asked = said.match(/(?:Enter|Confirm) passphrase[^:]*: /g)?.length ?? 0;
    for (; answered < asked; answered += 1) child.stdin.write(`${phrase}\n`);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`age ended with ${code}: ${said}`);
}

describe.skipIf(missingAge())('with the program age', () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'firedrill-age-'));
    archive = await writeArchive(dir, '2025-09-22T18:00:00Z');
    run('age-keygen', '-o', 'key.txt');
    writeFileSync(join(dir, 'key.pub'), run('age-keygen', '-y', 'key.txt'));
    writeFileSync(join(dir, 'phrase'), 'correct horse battery staple\n');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const ours = () => ageCipher({ recipients: join(dir, 'key.pub'), identities: [join(dir, 'key.txt')] });
  const oursWithPhrase = () => ageCipher({ passphrase: join(dir, 'phrase') });

  it('ours opens with age, tar and jq, as the README says', async () => {
    await ours().encrypt(createReadStream(archive), join(dir, 'ours.tar.gz.age'));
    const line = 'age -d -i key.txt ours.tar.gz.age | tar -xzO snapshot.json | jq -r ".services[].name"';
    expect(run('sh', '-c', line).toString().split('\n')).toEqual(['legacy', 'live', 'order-service', '']);
  });

  it('theirs opens with ours', async () => {
    run('age', '-R', 'key.pub', '-o', 'theirs.tar.gz.age', archive);
    const opened = await buffer(ours().decrypt(join(dir, 'theirs.tar.gz.age')));
    expect(opened.equals(readFileSync(archive))).toBe(true);
  });

  it('with a passphrase, both ways', async () => {
    await oursWithPhrase().encrypt(createReadStream(archive), join(dir, 'ours-p.age'));
    await runAtTerminal('correct horse battery staple', '-d', '-o', 'ours-p.tar.gz', 'ours-p.age');
    expect(readFileSync(join(dir, 'ours-p.tar.gz')).equals(readFileSync(archive))).toBe(true);
    await runAtTerminal('correct horse battery staple', '-p', '-o', 'theirs-p.age', archive);
    const opened = await buffer(oursWithPhrase().decrypt(join(dir, 'theirs-p.age')));
    expect(opened.equals(readFileSync(archive))).toBe(true);
  });
});
