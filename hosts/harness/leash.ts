// Runs one command as the leader of a process group, and kills the whole group when whoever
// started it is gone: its standard input is held open by that process, however that one ends.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const [command = ''] = process.argv.slice(2);

// A signal goes to the group, so the command has got it already; this and the shell wait for how it ends.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.stdin.on('close', () => process.kill(-process.pid, 'SIGKILL')).resume();

const child = spawn(`trap : TERM INT HUP\n${command}`, {
  shell: true,
  stdio: ['ignore', 'inherit', 'inherit'],
});
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
});
