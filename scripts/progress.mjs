// Says what is being done, and for how long already, so that a long silence is never mistaken for a halt.

/** How often the seconds are written anew in a terminal, and how often a line is added elsewhere, in ms. */
const tickMs = 1_000;
const lineMs = 10_000;

/**
 * @param {string} what is being done
 * @param {() => Promise<number>} work resolves to an exit code
 * @param {Pick<NodeJS.WriteStream, 'write' | 'isTTY'>} out
 */
export async function withProgress(what, work, out = process.stdout) {
  const begun = performance.now();
  const seconds = () => `${Math.round((performance.now() - begun) / 1000)} s`;
  const say = () =>
    out.write(out.isTTY ? `\r▸ ${what} … ${seconds()} ` : `▸ ${what} … ${seconds()}\n`);
  say();
  const timer = setInterval(say, out.isTTY ? tickMs : lineMs);
  try {
    const code = await work();
    out.write(`${out.isTTY ? '\r' : ''}${code === 0 ? '✔' : '✘'} ${what} (${seconds()})   \n`);
    return code;
  } finally {
    clearInterval(timer);
  }
}
