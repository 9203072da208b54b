export const styles: string = `
:host { all: initial; position: fixed; right: 12px; bottom: 12px; z-index: 2147483000; font: 12px/1.45 ui-monospace, monospace; color: #e6e9ef; }
button { font: inherit; color: inherit; background: #2a3040; border: 1px solid #465069; border-radius: 6px; padding: 4px 8px; cursor: pointer; }
button:focus-visible { outline: 2px solid #8ab4ff; }
.toggle { float: right; background: #171b26; }
.toggle[data-status="online"] { border-color: #3fb56b; }
.toggle[data-status="cut"], .toggle[data-status="failed"] { border-color: #e5605e; }
section { clear: both; width: min(460px, calc(100vw - 24px)); max-height: min(70vh, 560px); margin-bottom: 8px; display: flex; flex-direction: column; gap: 8px; padding: 10px; background: #171b26; border: 1px solid #465069; border-radius: 8px; }
section[hidden] { display: none; }
header { display: flex; gap: 8px; }
dl { display: grid; grid-template-columns: 80px 1fr; gap: 0 8px; margin: 0 0 6px; }
dt { color: #9aa5bd; }
dd { margin: 0; overflow-wrap: anywhere; }
.wire { overflow: auto; flex: 1; min-height: 80px; display: flex; flex-direction: column; }
.wire button { border: 0; background: none; text-align: left; padding: 1px 4px; border-radius: 3px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; flex: none; }
.wire button:hover { background: #2a3040; }
.wire .up { color: #8ab4ff; }
.wire .request { color: #d9b26a; }
pre { flex: none; max-height: 140px; overflow: auto; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; background: #10131b; padding: 6px; border-radius: 4px; }
`;
