// Runs a command in this process's group and kills the whole group when standard input ends: whatever happens to the
// process that started us, even SIGKILL, nothing is left behind.
// Usage: node leash.mjs <command> [arguments…], spawned detached.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const end = () => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
};
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(error.message);
  end();
});
child.once('exit', end);
process.stdin.resume();
process.stdin.once('end', end);
process.stdin.once('error', end);
// A signal to the group is for the command; we go when it has gone, or when our owner lets go.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
