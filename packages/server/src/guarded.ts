import type { Report } from './contract/options.ts';
import { redacted } from './redact.ts';
import { reportToConsole } from './report.ts';
import { textForUsers } from './user-text.ts';

/** The default text for users when an agent fails. */
const anError = 'An error occurred.';

/**
 * A listener of the application's, which is given no contents and no credentials (HF-ERR-3). One that throws
 * or rejects: what it was told goes to the console instead.
 */
export function guardedReport(report: Report): Report {
  return (error, where) => {
    const told = redacted(error);
    const failed = (fault: unknown) => {
      reportToConsole(told, where);
      reportToConsole(redacted(fault), where);
    };
    try {
      // The type says that it gives nothing, which does not keep an async function away.
      const given: unknown = report(told, where);
      if (given instanceof Promise) given.catch(failed);
    } catch (fault) {
      failed(fault);
    }
  };
}

/** An `errorText` that throws, or gives no text, must not keep its run from ending. */
export function guardedText(
  text: ((error: unknown) => string) | undefined,
  report: Report,
): (error: unknown) => string {
  return (error) => {
    try {
      if (!text) return textForUsers(error) ?? anError;
      const given: unknown = text(error);
      return typeof given === 'string' ? given : anError;
    } catch (fault) {
      report(fault, {});
      return anError;
    }
  };
}
