// The type of a Lua import, for whoever compiles this from source, through `paths`.
/// <reference path="./lua.d.ts" />
import { createHash } from 'node:crypto';
import { including } from './including.ts';
import appendSource from './lua/append.lua';
import cancelSource from './lua/cancel.lua';
import checkpointSource from './lua/checkpoint.lua';
import claimSource from './lua/claim.lua';
import commandSource from './lua/command.lua';
import deleteSource from './lua/delete.lua';
import dismissSource from './lua/dismiss.lua';
import dueSource from './lua/due.lua';
import fileSource from './lua/file.lua';
import findSource from './lua/find.lua';
import headSource from './lua/head.lua';
import itemsSource from './lua/items.lua';
import keepSource from './lua/keep.lua';
import markSource from './lua/mark.lua';
import openSource from './lua/open.lua';
import pieceSource from './lua/piece.lua';
import piecesSource from './lua/pieces.lua';
import placesSource from './lua/places.lua';
import probeSource from './lua/probe.lua';
import putSource from './lua/put.lua';
import readSource from './lua/read.lua';
import reapSource from './lua/reap.lua';
import remindSource from './lua/remind.lua';
import renewSource from './lua/renew.lua';
import runSource from './lua/run.lua';
import seedSource from './lua/seed.lua';
import sendSource from './lua/send.lua';
import sharedSource from './lua/shared.lua';
import suspectSource from './lua/suspect.lua';
import touchSource from './lua/touch.lua';

export interface Script {
  /** The act, in the words of an error message. */
  readonly act: string;
  readonly source: string;
  readonly sha: string;
}

const scriptOf = (act: string, source: string): Script => ({
  act,
  source,
  sha: createHash('sha1').update(source).digest('hex'),
});

const script = (act: string, text: string): Script => scriptOf(act, including(text, sharedSource));

/** The script with constants in its text, which need not be sent with each call then. */
export function withConstants(
  { act, source }: Script,
  constants: Readonly<Record<string, string | number>>,
): Script {
  const lines = Object.entries(constants).map(
    ([name, value]) => `local ${name} = ${inLua(value)}\n`,
  );
  return scriptOf(
    act,
    source.replace('--- @constants\n', () => lines.join('')),
  );
}

const inLua = (value: string | number): string => {
  if (typeof value === 'string') return `'${value}'`;
  return Number.isFinite(value) ? String(value) : 'math.huge';
};

type Step =
  | 'append'
  | 'cancel'
  | 'checkpoint'
  | 'claim'
  | 'command'
  | 'delete'
  | 'dismiss'
  | 'due'
  | 'file'
  | 'find'
  | 'head'
  | 'items'
  | 'keep'
  | 'mark'
  | 'open'
  | 'piece'
  | 'pieces'
  | 'places'
  | 'probe'
  | 'put'
  | 'read'
  | 'reap'
  | 'remind'
  | 'renew'
  | 'run'
  | 'seed'
  | 'send'
  | 'suspect'
  | 'touch';

/** The scripts, one for each atomic step. */
export const scripts: Readonly<Record<Step, Script>> = {
  append: script('append to the log', appendSource),
  cancel: script('cancel the run', cancelSource),
  checkpoint: script('store the session', checkpointSource),
  claim: script('claim', claimSource),
  command: script('look at the command', commandSource),
  delete: script('delete the session', deleteSource),
  dismiss: script('dismiss a reminder', dismissSource),
  due: script('look for reminders', dueSource),
  file: script('look at the file', fileSource),
  find: script('find the message', findSource),
  head: script('look at the session', headSource),
  items: script('read stored messages', itemsSource),
  keep: script('keep the file', keepSource),
  mark: script('cancel the command', markSource),
  open: script('open the session', openSource),
  piece: script('read a piece of a file', pieceSource),
  pieces: script('look at the upload', piecesSource),
  places: script('look for places of files', placesSource),
  probe: script('try what it needs of Redis', probeSource),
  put: script('put a piece of a file', putSource),
  read: script('read the log', readSource),
  reap: script('end the lost run', reapSource),
  remind: script('set a reminder', remindSource),
  renew: script('renew the lease', renewSource),
  run: script('look at the run', runSource),
  seed: script('seed the session', seedSource),
  send: script('accept the command', sendSource),
  suspect: script('suspect the run', suspectSource),
  touch: script('keep the session', touchSource),
};
