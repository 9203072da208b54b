import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import type { FileLinkOptions } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import { FileLinks } from './file-links.ts';
import { FileStore } from './file-store.ts';
import { FileTexts } from './filled.ts';

/** What a server has of the files of its sessions. */
export interface FilesOfSessions {
  readonly files: FileStore;
  /** What the references to files stand for. */
  readonly fileTexts: FileTexts;
  readonly fileLinks: FileLinks;
}

export interface FilesOptions {
  readonly log: SessionLog;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly links: FileLinkOptions | undefined;
}

/** Throws `bad_request` for a secret that could be guessed. */
export function createFiles({ log, limits, environment, links }: FilesOptions): FilesOfSessions {
  const files = new FileStore(log, limits);
  const fileTexts = new FileTexts(files, environment);
  return { files, fileTexts, fileLinks: new FileLinks(links, environment) };
}
