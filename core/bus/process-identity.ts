import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as other processes can look it up, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the process's start (proc(5), stat, field 22); empty where there is no /proc. */
  readonly startTicks: string;
  /** Where the pid means something: host, boot and pid namespace. */
  readonly place: string;
}

/** Fields 3 (state) and 22 (start) of /proc/PID/stat; null if there is no such file. */
function procStat(pid: number | 'self'): { state: string; startTicks: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, field 2, may hold spaces and parentheses: fields are counted from the last ")".
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function readOr(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

export function thisProcess(): ProcessIdentity {
  const boot = readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = readOr(() => readlinkSync('/proc/self/ns/pid'));
  return { pid: process.pid, startTicks: procStat('self')?.startTicks ?? '', place: `${hostname()} ${boot} ${namespace}` };
}

/** Whether a process lives: `elsewhere` if its pid means nothing here (another container or host, or an earlier boot). */
export function lifeOf(identity: ProcessIdentity, here: ProcessIdentity): 'alive' | 'dead' | 'elsewhere' {
  if (identity.place !== here.place) return 'elsewhere';
  if (identity.pid === here.pid) return identity.startTicks === here.startTicks ? 'alive' : 'dead';
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const stat = procStat(identity.pid);
  if (stat === null) return here.startTicks === '' ? 'alive' : 'dead';
  return stat.state === 'Z' || stat.state === 'X' || stat.startTicks !== identity.startTicks ? 'dead' : 'alive';
}
