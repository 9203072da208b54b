// The same faults in Lua scripts, by patterns: each is one line, and none of them has strings with code.

/** `[operator, what it looks for, what stands there instead]` */
const operators = [
  ['negated condition', /(?<=\b(?:if|elseif) )(.+)(?= then\b)/g, (code) => `not (${code})`],
  ['swapped comparison', / (<=|>=|==|~=|<|>) /g, (code) => ` ${swapped[code.trim()]} `],
  ['swapped operator', / (and|or) /g, (code) => (code === ' and ' ? ' or ' : ' and ')],
  ['swapped sign', / ([+-]) (?=\w)/g, (code) => (code === ' + ' ? ' - ' : ' + ')],
  [
    'other constant',
    /(?<=[ (,])\d+(?=[ ),])/g,
    (code) => String(code === '0' ? 1 : Number(code) + 1),
  ],
  ['dropped early exit', /^ *if .+ then return .+ end$/gm, () => ''],
  ['dropped statement', /^ *(?:redis\.call\(.+\)|[\w.]+ = .*[^,]|save\w*\(.+\))$/gm, () => ''],
];

const swapped = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '~=', '~=': '==' };

/** @returns {import('./mutant.mjs').Mutant[]} */
export function mutantsOfLua(file, text) {
  const code = withoutComments(text);
  return operators
    .flatMap(([operator, pattern, change]) =>
      [...code.matchAll(pattern)].map(({ 0: found, index }) => {
        return { file, start: index, end: index + found.length, code: change(found), operator };
      }),
    )
    .filter(({ start, end, code: other }) => text.slice(start, end) !== other)
    .sort((a, b) => a.start - b.start);
}

/** Places stay as they are. */
const withoutComments = (text) =>
  text.replaceAll(/--\[\[[\s\S]*?\]\]|--.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '));
