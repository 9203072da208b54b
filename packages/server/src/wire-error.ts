import type { ErrorCode, HoldfastError, WireError } from '@holdfast/protocol';

/**
 * The words for clients of faults that are not theirs (HF-ERR-2): the error's own words are for whoever
 * runs the server, and may name its insides.
 */
const faultWords: Partial<Record<ErrorCode, string>> = {
  internal: 'unable to do this: a fault of the server; try again later',
  unavailable: 'unable to do this now: the server cannot reach what it needs; try again',
};

/** The form that may leave the process: without cause and stack, and without the words of a fault. */
export const wireError = ({ code, message, retryMs, reason }: HoldfastError): WireError => ({
  code,
  message: faultWords[code] ?? message,
  ...(retryMs && { retryMs }),
  ...(reason && { reason }),
});
