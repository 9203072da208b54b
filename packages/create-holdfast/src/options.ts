import { parseArgs } from 'node:util';

export interface Options {
  /** Where the app is made, as it was given. */
  readonly folder: string;
  /** A folder with archives of the packages, which are installed in the place of those on the registry. */
  readonly archives: string | undefined;
  readonly installs: boolean;
  readonly starts: boolean;
}

export const help = `Usage: npm create holdfast [folder] [-- options]

Makes a chat app of Next.js whose answers survive reloads, installs it and starts it. It needs no key and no Redis:
without OPENAI_API_KEY its model says what is written in lib/model.ts.

  folder              where, from here; its name is the app's (default: my-chat)
  --no-install        only write the files
  --no-start          write the files and install
  --archives <folder> install @holdfast/* from the archives that \`npm run pack\` of the repository makes
  --version           the version of this program, and of the packages that the app installs
  --help              this text

Exit codes: 0 made, 1 something failed, 2 not understood; with a start, that of the app.`;

/** What the arguments ask for; a text is what was not understood. */
export function optionsOf(
  args: readonly string[],
): Options | 'help' | 'version' | { wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        archives: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        'no-install': { type: 'boolean' },
        'no-start': { type: 'boolean' },
        version: { type: 'boolean', short: 'v' },
      },
    });
    if (values.help) return 'help';
    if (values.version) return 'version';
    const [folder = 'my-chat', ...more] = positionals;
    if (more.length > 0) return { wrong: `one folder, and not also ${more.join(' ')}` };
    const installs = !values['no-install'];
    return { folder, archives: values.archives, installs, starts: installs && !values['no-start'] };
  } catch (error) {
    return { wrong: (error as Error).message };
  }
}
