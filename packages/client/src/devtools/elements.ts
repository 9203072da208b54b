/** What it is called, and what it is. */
export type Row = readonly [name: string, value: string];

/** An element with members and children. Texts are set as texts, so that nothing from the wire becomes markup. */
export function element<NAME extends keyof HTMLElementTagNameMap>(
  name: NAME,
  members: Partial<HTMLElementTagNameMap[NAME]> = {},
  children: readonly Node[] = [],
): HTMLElementTagNameMap[NAME] {
  const made = Object.assign(document.createElement(name), members);
  made.append(...children);
  return made;
}

export function tableOf(rows: readonly Row[]): HTMLElement {
  const list = element('dl');
  for (const [name, value] of rows)
    list.append(element('dt', { textContent: name }), element('dd', { textContent: value }));
  return list;
}
