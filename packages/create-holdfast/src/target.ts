import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

/** A name that every registry and package manager takes. */
const namePattern = /^[a-z0-9][a-z0-9._-]{0,213}$/;
const taken = ['node_modules', 'favicon.ico'];

/** What systems and `git init` leave in a folder that is empty for its owner. */
const nothing = ['.DS_Store', '.git', 'Thumbs.db'];

/** Why no app can be made in the folder, with what to do; null where one can. */
export function obstacleIn(folder: string): string | null {
  const name = basename(folder);
  if (!namePattern.test(name) || taken.includes(name))
    return `its name becomes that of the app: use up to 214 of a-z, 0-9, ".", "_" and "-", beginning with a letter or a digit`;
  const there = contentOf(folder);
  if (there === null) return 'there is a file of that name: choose another one';
  const [first] = there.filter((each) => !nothing.includes(each));
  return first === undefined
    ? null
    : `there is something in it, such as ${first}: choose another name, or empty it`;
}

/** Null for what is no folder. */
function contentOf(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') return null;
    throw error;
  }
}
