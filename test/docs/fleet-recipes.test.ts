import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs/fleet.md'), 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
const verifier = '/usr/bin/systemd-analyze';
const known = readFileSync(join(root, 'test/e2e/commands/help/worker.txt'), 'utf8');

/** A program named cm-tui that writes down how it was called. */
function recorder() {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'cm-tui');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> "${folder}/called"\n`);
  chmodSync(program, 0o755);
  return {
    run: (script: string, more: Readonly<Record<string, string>>) =>
      new Promise<string[]>((resolve, reject) => {
        const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, JOIN: 'redis://box#depot=/d&key=k', ...more };
        spawn('sh', ['-c', script], { env }).once('exit', code => {
          if (code !== 0) return reject(new Error(`the script ended with ${code}`));
          resolve(readFileSync(join(folder, 'called'), 'utf8').trim().split('\n').sort());
        });
      }),
    folder,
  };
}

describe('the recipes of docs/fleet.md', () => {
  it('use options that there are', () => {
    const calls = [...text.matchAll(/cm-tui worker [^\n]*|cm-tui, worker, [^\n]*/g)].map(([call]) => call);
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls)
      for (const [option] of call.matchAll(/--[a-z]+/g)) expect(known, call).toContain(`${option} `);
  });

  it('start several workers with names and folders of their own, and wait for them', async () => {
    const { run, folder } = recorder();
    const line = (n: number) =>
      `worker --join redis://box#depot=/d&key=k --name box-${n} --dir ${folder}/workers/box-${n} --slots 2`;
    expect(await run(blocks('sh')[0] ?? '', {})).toEqual([1, 2, 3].map(line));
  });

  it('become the worker in a task of Slurm, so that it hears the signal itself', async () => {
    const script = blocks('sh')[1] ?? '';
    const { run, folder } = recorder();
    const line = `worker --join redis://box#depot=/d&key=k --name slurm-7 --dir ${folder}/workers/slurm-7 --slots 4`;
    expect(await run(script, { SLURM_ARRAY_TASK_ID: '7' })).toEqual([line]);
    expect(script).toMatch(/^#SBATCH --signal=B:TERM@1800$/m);
    expect(script).toMatch(/^exec cm-tui worker/m);
  });

  it.skipIf(!existsSync(verifier))('have a unit that systemd understands', () => {
    const file = join(temporaryFolder(), 'cm-tui-worker.service');
    writeFileSync(file, blocks('ini')[0] ?? '');
    execFileSync(verifier, ['verify', '--man=no', file], { stdio: 'pipe' });
  });

  it('have manifests whose pods drain: a name of their own, a secret, and time to finish', () => {
    const documents = parseAllDocuments(blocks('yaml')[0] ?? '').map(one => one.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Job']);
    for (const { spec } of documents) {
      const pod = spec.template.spec;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(3600);
      const [{ command, env, envFrom, volumeMounts = [] }] = pod.containers;
      expect(command.slice(0, 2)).toEqual(['cm-tui', 'worker']);
      expect(command.every((word: unknown) => typeof word === 'string')).toBe(true);
      expect(env[0].valueFrom.fieldRef.fieldPath).toBe('metadata.name');
      expect(envFrom[0].secretRef.name).toBe('cm-tui-worker');
      const volumes = (pod.volumes ?? []).map(({ name }: { name: string }) => name);
      expect(volumeMounts.map(({ name }: { name: string }) => name)).toEqual(volumes);
    }
    const { selector, template } = documents[0]?.spec ?? {};
    expect(template.metadata.labels).toEqual(selector.matchLabels);
  });
});
