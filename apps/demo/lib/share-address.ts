/**
 * Where other devices find this server; the pages show it. In the environment, because Next has modules of
 * its own beside those of the custom server.
 */
export function shareAddress(address: string | undefined): void {
  if (address) process.env.HOLDFAST_DEMO_ADDRESS = address;
}

/** Null where no other device reaches it, as far as the server knows. */
export const sharedAddress = (): string | null => process.env.HOLDFAST_DEMO_ADDRESS || null;
