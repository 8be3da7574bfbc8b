import type { Socket } from 'node:net';

const gathering = new WeakSet<Socket>();

/**
 * Lets what is written to a socket within one turn of the event loop leave in one system call. The client libraries write a
 * command in several pieces (drachtio-modesl one for each header), and at full rate many calls' commands fall into one turn:
 * writes were the largest part of a dialer's time (1.2 ms of 9.6 a call).
 */
export function gatherWrites(socket: Socket): void {
  if (gathering.has(socket)) return;
  gathering.add(socket);
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
