/** Copies a text. Rejects where the browser forbids it. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page over plain HTTP has no clipboard, and one that has may be refused it.
    if (!copyBySelection(text)) throw new Error('unable to copy: the browser forbids it');
  }
}

/** Copies as a reader does who selects the text. False where that is forbidden too. */
function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.cssText = 'position: fixed; opacity: 0';
  // What is outside of an open dialog cannot be selected.
  (focused?.closest('dialog') ?? document.body).append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}

/** Gives a page without a clipboard one that can be written to, for components that ask for it themselves. */
export function provideClipboard(): void {
  if (typeof document === 'undefined' || navigator.clipboard) return;
  const writeText = async (text: string) => {
    if (!copyBySelection(text)) throw new Error('unable to copy: the browser forbids it');
  };
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
}
