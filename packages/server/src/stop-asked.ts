/** The reason of whoever cancels a stream because its client has said stop, not only gone away. */
export const stopAsked: unique symbol = Symbol('stop');
