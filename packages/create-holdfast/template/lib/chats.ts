// In memory, and once for all bundles of Next. Put your database in its place: with Redis, sessions outlive the process.
const store = globalThis as { chatOwners?: Map<string, string> };
store.chatOwners ??= new Map();
const owners = store.chatOwners;

/** A chat that nobody has yet belongs to whoever comes first: their page made its id. */
export async function ownerOf(chat: string, visitor: string): Promise<string> {
  const owner = owners.get(chat) ?? visitor;
  owners.set(chat, owner);
  return owner;
}
