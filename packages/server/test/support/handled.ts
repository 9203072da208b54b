import { has, type Socket, typesOf } from './connected.ts';

/** Frames are handled one after another: what came before this one is done when it is answered. */
export const handled = async (socket: Socket): Promise<void> => {
  const before = typesOf(socket).filter((each) => each === 'pong').length;
  socket.say({ t: 'ping' });
  await has(socket, 'pong', before + 1);
};
