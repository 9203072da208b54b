import type { Cable } from './cable.ts';
import type { ShownTransport } from './contract.ts';
import { element, type Row, tableOf } from './elements.ts';
import type { Records, WireRecord } from './records.ts';
import { styles } from './styles.ts';

interface Shown {
  readonly transport: ShownTransport;
  readonly records: Records;
  readonly cable: Cable;
}

/** Puts the panel into the page, in a tree of its own that the page's styles do not reach. Returns what takes it away. */
export function showPanel({ transport, records, cable }: Shown): () => void {
  const { connection } = transport;
  const host = element('div', { title: 'Holdfast devtools' });
  const root = host.attachShadow({ mode: 'open' });
  const toggle = element('button', { className: 'toggle', type: 'button' });
  const body = element('section', { hidden: true, ariaLabel: 'Holdfast devtools' });
  const facts = element('div');
  const wire = element('div', { className: 'wire' });
  const detail = element('pre', { hidden: true });
  const cut = element('button', { type: 'button' });
  const clear = element('button', { type: 'button', textContent: 'Clear' });
  body.append(element('header', {}, [cut, clear]), facts, wire, detail);
  root.append(element('style', { textContent: styles }), toggle, body);

  cut.addEventListener('click', () => (cable.isCut ? cable.restore() : cable.cut()));
  clear.addEventListener('click', records.clear);
  toggle.addEventListener('click', () => {
    body.hidden = !body.hidden;
    draw();
  });

  function open(record: WireRecord): void {
    detail.hidden = false;
    detail.textContent = record.text === '' ? record.name : record.text;
  }

  function draw(): void {
    const status = connection.getSnapshot();
    toggle.textContent = `Holdfast: ${cable.isCut ? 'network cut' : status}`;
    toggle.dataset['status'] = cable.isCut ? 'cut' : status;
    toggle.ariaExpanded = String(!body.hidden);
    if (body.hidden) return;
    cut.textContent = cable.isCut ? 'Restore the network' : 'Cut the network';
    facts.replaceChildren(
      tableOf(factsOf(connection)),
      ...[...records.sessions].map((id) => tableOf(sessionOf(transport, id))),
    );
    wire.replaceChildren(...records.all.map((record) => lineOf(record, open)).reverse());
  }

  let isAsked = false;
  /** News comes by the hundred; the page is drawn once a frame. */
  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  }
  const ends = [connection, records, cable].map(({ subscribe }) => subscribe(ask));
  document.body.append(host);
  draw();
  return () => {
    for (const end of ends) end();
    host.remove();
  };
}

function factsOf({
  carrier,
  carrierReason,
  trouble,
  ...view
}: ShownTransport['connection']): Row[] {
  return [
    ['connection', view.getSnapshot()],
    ['carrier', carrier ? `${carrier}${carrierReason ? ` (${carrierReason})` : ''}` : 'none'],
    ['trouble', trouble ? `${trouble.reason}, try ${trouble.attempt}` : 'none'],
  ];
}

function sessionOf(transport: ShownTransport, id: string): Row[] {
  const { position, isLive, runs, queue, acts } = transport.session(id);
  return [
    ['session', id],
    ['position', `${position ?? 'none'}${isLive ? ' (live)' : ''}`],
    ...runs.map(
      ({ run, agent, attempt, state }): Row => ['run', `${run} ${agent} #${attempt} ${state}`],
    ),
    ['waiting', `${queue.length} in the queue, ${acts.size} on their way`],
  ];
}

function lineOf(record: WireRecord, open: (record: WireRecord) => void): HTMLElement {
  const { at, way, name, session, bytes } = record;
  const arrow = { up: '↑', down: '↓', request: '⇄' }[way];
  const size = bytes > 0 ? ` ${bytes} B` : '';
  const line = element('button', {
    type: 'button',
    className: way,
    textContent: `${(at / 1000).toFixed(2)} ${arrow} ${name}${session ? ` ${session}` : ''}${size}`,
  });
  line.addEventListener('click', () => open(record));
  return line;
}
