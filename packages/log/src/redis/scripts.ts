// Whoever compiles this from source, through `paths`, must see the type of a Lua import too.
/// <reference path="./lua.d.ts" />
import { createHash } from 'node:crypto';
import appendSource from './lua/append.lua';
import cancelSource from './lua/cancel.lua';
import deleteSource from './lua/delete.lua';
import headSource from './lua/head.lua';
import markSource from './lua/mark.lua';
import readSource from './lua/read.lua';
import reapSource from './lua/reap.lua';
import renewSource from './lua/renew.lua';
import sendSource from './lua/send.lua';
import sharedSource from './lua/shared.lua';

export interface Script {
  /** What it does, in the words of an error message. */
  readonly act: string;
  readonly source: string;
  readonly sha: string;
}

function script(act: string, text: string): Script {
  const source = text.replace('--- @include shared.lua\n', () => sharedSource);
  return { act, source, sha: createHash('sha1').update(source).digest('hex') };
}

type Step = 'append' | 'cancel' | 'delete' | 'head' | 'mark' | 'read' | 'reap' | 'renew' | 'send';

/** One script for each atomic step. */
export const scripts: Readonly<Record<Step, Script>> = {
  append: script('append to the log', appendSource),
  cancel: script('cancel the run', cancelSource),
  delete: script('delete the session', deleteSource),
  head: script('look at the session', headSource),
  mark: script('cancel the command', markSource),
  read: script('read the log', readSource),
  reap: script('end the lost run', reapSource),
  renew: script('renew the lease', renewSource),
  send: script('accept the command', sendSource),
};
