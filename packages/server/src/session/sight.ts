/**
 * How far somebody has to see: to the log's top as it is now or later, what was delivered here, or an entry
 * by its id.
 */
export type Sight = 'top' | 'delivered' | { readonly id: string };
