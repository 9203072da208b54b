import { vi } from 'vitest';

const isShown = (element: Element): boolean => !element.closest('[hidden]');

/** A page as its visitor meets it: by roles, names and words. */
export class Screen {
  readonly #container: HTMLElement;
  readonly leave: () => void;

  constructor(container: HTMLElement, leave: () => void) {
    this.#container = container;
    this.leave = leave;
  }

  async until(holds: () => boolean): Promise<void> {
    await vi.waitFor(
      () => {
        if (!holds()) throw new Error(`still not so: ${holds}\n${this.#container.textContent}`);
      },
      { timeout: 5_000, interval: 10 },
    );
  }

  get words(): string {
    return this.#container.textContent ?? '';
  }

  get status(): string {
    return this.all('[data-testid=status]')[0]?.textContent ?? '';
  }

  attribute(testId: string, name: string): string | null {
    return this.all(`[data-testid=${testId}]`)[0]?.getAttribute(`data-${name}`) ?? null;
  }

  all(selector: string): HTMLElement[] {
    return [...this.#container.querySelectorAll<HTMLElement>(selector)].filter(isShown);
  }

  /** The messages in their order, as their authors wrote them. */
  get texts(): string[] {
    return this.all('[data-testid=user], [data-testid=assistant]').map(
      (message) => message.dataset.text ?? '',
    );
  }

  get outbox(): string[] {
    return this.all('[data-testid=pending-text]').map(({ textContent }) => textContent ?? '');
  }

  buttons(name: string): HTMLElement[] {
    return this.all('button').filter(
      (button) => (button.getAttribute('aria-label') ?? button.textContent) === name,
    );
  }

  /** Chooses what a menu has under that name; jsdom knows of no menu that is closed. */
  choose(name: string): void {
    const item = this.all('[role=menuitem]').find(({ textContent }) =>
      textContent?.startsWith(name),
    );
    if (!item) throw new Error(`there is no item "${name}": ${this.words}`);
    item.click();
  }

  press(name: string): void {
    const [button] = this.buttons(name);
    if (!button) throw new Error(`there is no button "${name}": ${this.words}`);
    button.click();
  }

  /** The place where a new message is written. */
  get prompt(): HTMLTextAreaElement {
    return this.all('#prompt')[0] as HTMLTextAreaElement;
  }

  /** The place where a message is changed; null while none is. */
  get editor(): HTMLTextAreaElement | null {
    return (this.all('[data-testid=edit]')[0] as HTMLTextAreaElement | undefined) ?? null;
  }

  type(into: HTMLTextAreaElement | null, text: string): void {
    if (!into) throw new Error('there is nowhere to type');
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set;
    set?.call(into, text);
    into.dispatchEvent(new Event('input', { bubbles: true }));
  }

  submit(field: HTMLTextAreaElement | null): void {
    field?.form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  }

  /** Writes a message and presses Enter. */
  async say(text: string): Promise<void> {
    this.type(this.prompt, text);
    await this.until(() => this.buttons('Send').length + this.buttons('Add now').length > 0);
    this.submit(this.prompt);
    await this.until(() => this.prompt.value === '');
  }

  get networkSwitch(): HTMLElement {
    return this.all('[role=switch]')[0] as HTMLElement;
  }
}
