import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../src/machine.ts';
import { type ReportRow, rows } from '../src/report/rows.ts';
import { type Side, sides } from '../src/sides.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const run = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(
    process.execPath,
    ['--import', here('../../../packages/testkit/src/sources.ts'), here('../src/main.ts'), ...args],
    { timeout: 540_000 },
  );

let folder: string;
let output: string;
let report: { machine: Machine; rounds: number; rows: readonly ReportRow[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const file = join(folder, 'report.json');
  output = (await run('--tiny', '--json', file, '--profile', join(folder, 'profiles'))).stdout;
  report = JSON.parse(await readFile(file, 'utf8'));
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const ofSessions = /^(join|send-20|agents|runs|storm|idle-commands|stop|lost)/;
const ofSockets = /^fanout/;
const ofRedis = /^redis-/;
const ofResumes = /^(resume|final-text|second-tab)/;
const ofLongAnswers = /^(resume|final-text)-100mb/;
const ofDisk = /^latency-p50-fsync$/;
const ofLatencyAndFlood = /^(?!latency-p[59]|cpu-per-chunk$|saturated$|redis-)|^latency-p50-fsync$/;
const any = (...rows: RegExp[]): RegExp => new RegExp(rows.map(({ source }) => source).join('|'));

/** What of the comparison a side cannot do. */
const absent: { readonly [S in Side]: RegExp } = {
  sse: any(ofSessions, ofSockets, ofRedis, ofResumes),
  'sse-light': any(ofDisk, ofSessions, ofSockets, ofRedis, ofResumes),
  'sse-bare': any(ofDisk, ofSessions, ofSockets, ofRedis, ofResumes),
  'resumable-stream': any(ofDisk, ofSessions, ofSockets, ofLongAnswers),
  'assistant-stream': any(ofDisk, ofSessions, ofSockets, ofLongAnswers),
  'durable-streams': any(ofDisk, ofSessions, ofSockets, ofRedis, ofLongAnswers),
  'sdk-websocket': any(ofDisk, ofSessions, ofSockets, ofRedis, ofLongAnswers),
  ws: any(ofDisk, ofSessions, ofRedis, ofResumes),
  'holdfast-redis': /^latency-p50-fsync$/,
  'holdfast-fsync': /^(?!latency-|cpu-per-chunk$|saturated$|redis-)/,
  'holdfast-replicated': ofLatencyAndFlood,
  'holdfast-gathered': ofLatencyAndFlood,
  'holdfast-memory': any(ofDisk, ofRedis, /^(storm|idle-commands|lost)/),
  'holdfast-http': any(ofDisk, ofSessions, ofSockets, ofRedis, ofLongAnswers),
};

test('the report has every row, with a number or null for every side', () => {
  expect(report.rows.map(({ id, unit }) => ({ id, unit }))).toEqual(
    rows.map(({ id, unit }) => ({ id, unit })),
  );
  for (const { id, sides: medians, spread } of report.rows) {
    expect(Object.keys(medians)).toEqual([...sides]);
    expect(Object.keys(spread)).toEqual([...sides]);
    for (const side of sides) {
      const value = medians[side];
      const [low, high] = spread[side] ?? [];
      if (absent[side].test(id))
        expect([id, side, value, low]).toEqual([id, side, null, undefined]);
      else {
        expect(value, `${id} of ${side}`).toBeTypeOf('number');
        expect(value).toBeGreaterThanOrEqual(low as number);
        expect(value).toBeLessThanOrEqual(high as number);
      }
    }
  }
});

test('the report says where it was measured, and names no host', () => {
  expect(report.machine).toEqual({
    processor: expect.any(String),
    processors: availableParallelism(),
    memoryGiB: expect.any(Number),
    system: expect.any(String),
    node: process.version,
    redis: expect.stringMatching(/^\d+\.\d+/),
    busy: expect.any(Number),
  });
  expect(report.rounds).toBe(1);
  expect(JSON.stringify(report.machine)).not.toContain(hostname());
});

test('a page that joins gets the text, and Holdfast sends it folded', () => {
  const of = (id: string) => report.rows.find((row) => row.id === id)?.sides;
  const text = of('final-text-100k-bytes')?.['holdfast-redis'] as number;
  for (const side of ['holdfast-redis', 'holdfast-memory'] as const) {
    expect(of('resume-100k-bytes')?.[side]).toBeGreaterThan(text);
    expect(of('resume-100k-bytes')?.[side]).toBeLessThan(1.3 * text);
  }
});

test('a page that joins a long answer gets the end of it', () => {
  const of = (id: string) => report.rows.find((row) => row.id === id)?.sides;
  const text = of('final-text-100mb-bytes')?.['holdfast-redis'] as number;
  expect(text).toBeGreaterThan(3_000_000);
  for (const side of ['holdfast-redis', 'holdfast-memory'] as const) {
    expect(of('resume-100mb-bytes')?.[side]).toBeGreaterThan(500_000);
    expect(of('resume-100mb-bytes')?.[side]).toBeLessThan(text);
  }
});

test('what a join brings does not depend on how long the session is', () => {
  const of = (id: string) => report.rows.find((row) => row.id === id)?.sides;
  for (const side of ['holdfast-redis', 'holdfast-memory'] as const) {
    const short = of('join-20-bytes')?.[side] as number;
    expect(short).toBeGreaterThan(10_000);
    expect(of('join-2000-bytes')?.[side]).toBeLessThan(1.2 * short);
  }
});

test('the output has a table of every row and a verdict on every budget', () => {
  for (const { id } of rows) expect(output).toContain(`\n${id} (`);
  for (const side of sides) expect(output).toMatch(new RegExp(`^  ${side} +[\\d.]+`, 'm'));
  expect(output).toMatch(/^(✔ met|✘ missed) +holdfast-redis: p50 per chunk/m);
});

test('a profile tells where the server of a side spent its time', async () => {
  const names = await readdir(join(folder, 'profiles'));
  expect(names.sort()).toEqual(sides.map((side) => `${side}.cpuprofile`).sort());
  const profile = await readFile(join(folder, 'profiles', 'holdfast-redis.cpuprofile'), 'utf8');
  const { nodes } = JSON.parse(profile) as { nodes: { callFrame: { url: string } }[] };
  expect(nodes.some(({ callFrame }) => callFrame.url.includes('packages/server/'))).toBe(true);
});

test('an unknown option is answered with the usage', async () => {
  const failed = await run('--quik').catch((error: { stderr: string }) => error);
  expect(failed.stderr).toContain('--quick');
});
