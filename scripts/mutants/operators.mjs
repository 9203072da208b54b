// The faults that a person makes: a condition the wrong way round, a bound off by one, a step left out.
import { parseSync } from 'vite';

const comparisons = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
};
const logical = { '&&': '||', '||': '&&' };
const sums = { '+': '-', '-': '+' };
const steps = { '++': '--', '--': '++' };
const leaves = new Set([
  'ReturnStatement',
  'ThrowStatement',
  'ContinueStatement',
  'BreakStatement',
]);
/** They carry a value through the types; whatever else begins with TS has none. */
const transparent = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression']);

/** What a node may become, as `[operator, replaced node, code]`; `of` is the source of a node. */
const operators = {
  IfStatement(node, { of }) {
    const only =
      node.consequent.type === 'BlockStatement' ? node.consequent.body : [node.consequent];
    const isEarly = !node.alternate && only.length === 1 && leaves.has(only[0].type);
    return [...negated(node.test, of), ...(isEarly ? [['dropped early exit', node, ';']] : [])];
  },
  ConditionalExpression: (node, { of }) => negated(node.test, of),
  WhileStatement: (node) => [['loop never entered', node.test, 'false']],
  ExpressionStatement: (node) => (node.directive ? [] : [['dropped statement', node, ';']]),
  BinaryExpression(node, { of }) {
    const { operator, left, right } = node;
    const other = comparisons[operator] ?? sums[operator];
    if (!other) return [];
    const name = comparisons[operator] ? 'swapped comparison' : 'swapped sign';
    return [[name, node, `${of(left)} ${other} ${of(right)}`]];
  },
  LogicalExpression(node, { of }) {
    const { operator, left, right } = node;
    if (operator === '??') return [['dropped default', node, of(left)]];
    // The other operator binds in another way than this one, hence the parentheses around all.
    return [['swapped operator', node, `((${of(left)}) ${logical[operator]} (${of(right)}))`]];
  },
  UpdateExpression(node, { of }) {
    const code = of(node.argument);
    const other = steps[node.operator];
    return [['swapped step', node, node.prefix ? other + code : code + other]];
  },
  AssignmentExpression(node, { of }) {
    const other = { '+=': '-=', '-=': '+=', '??=': '=' }[node.operator];
    return other ? [['swapped step', node, `${of(node.left)} ${other} ${of(node.right)}`]] : [];
  },
  Literal(node) {
    if (typeof node.value === 'boolean') return [['other constant', node, String(!node.value)]];
    if (typeof node.value === 'number')
      return [['other constant', node, String(node.value === 0 ? 1 : node.value + 1)]];
    return [];
  },
  // A result is awaited by whoever called, unless a `catch` or `finally` is around it.
  AwaitExpression: (node, { of, isResult }) =>
    isResult ? [] : [['dropped await', node, of(node.argument)]],
  CallExpression(node, { of }) {
    const { callee } = node;
    if (callee.type !== 'MemberExpression' || callee.computed) return [];
    const { name } = callee.property;
    if (name !== 'catch' && name !== 'finally') return [];
    return [[`dropped ${name}`, node, of(callee.object)]];
  },
  TryStatement: (node, { of }) => [
    ...(node.handler && !node.finalizer ? [['dropped catch', node, of(node.block)]] : []),
    ...(node.finalizer ? [['dropped finally', node.finalizer, '{}']] : []),
  ],
  ArrayExpression: (node) =>
    node.elements.length > 0 && node.elements.every((element) => element.type === 'SpreadElement')
      ? [['empty list', node, '[]']]
      : [],
};

/** A comparison is the wrong way round already when it is swapped. */
const negated = (test, of) =>
  /^[=!]==?$/.test(test.operator) ? [] : [['negated condition', test, `!(${of(test)})`]];

/**
 * All mutants of a TypeScript source, in its order. Types, imports and words for people stay as they are.
 *
 * @returns {import('./mutant.mjs').Mutant[]}
 */
export function mutantsOfTypeScript(file, text) {
  const { program, errors } = parseSync(file, text, { preserveParens: false });
  if (errors.length > 0) throw new Error(`unable to parse ${file}: ${errors[0].message}`);
  const of = (node) => text.slice(node.start, node.end);
  const mutants = [];
  const visit = (node, isGuarded, isResult) => {
    if (isWithoutValue(node)) return;
    for (const [operator, at, code] of operators[node.type]?.(node, { of, isResult }) ?? [])
      mutants.push({ file, start: at.start, end: at.end, code, operator });
    const guards = node.type === 'TryStatement' || (isGuarded && !isFunction(node));
    for (const child of childrenOf(node))
      visit(child, guards, isResultOf(node, child, { isGuarded: guards, isResult }));
  };
  visit(program, false, false);
  return mutants;
}

/** True for what a function returns: also the last part of an expression whose value that is. */
function isResultOf({ type, body, left, test }, child, { isGuarded, isResult }) {
  if (type === 'ArrowFunctionExpression') return child === body && child.type !== 'BlockStatement';
  // What is yielded is awaited right there.
  if (type === 'YieldExpression') return true;
  if (type === 'ReturnStatement') return !isGuarded;
  const passesOn = type === 'ConditionalExpression' || type === 'LogicalExpression';
  return passesOn && isResult && child !== left && child !== test;
}

const isFunction = ({ type }) => /Function/.test(type);

function isWithoutValue({ type, declare }) {
  if (type.startsWith('TS')) return !transparent.has(type);
  return declare === true || type === 'ImportDeclaration' || type === 'ExportAllDeclaration';
}

function childrenOf(node) {
  const parts = transparent.has(node.type) ? [node.expression] : Object.values(node).flat();
  return parts.filter((part) => typeof part?.type === 'string' && Number.isInteger(part.start));
}
