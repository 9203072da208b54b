// The public members of the packages, as the compiler sees them in the sources, each with its doc comment.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API, SymbolFlags } from 'typescript/unstable/sync';
import { root } from '../root.mjs';

/**
 * @typedef {object} Member
 * @property {string} name with those that it belongs to: `Limits.frameBytes`
 * @property {string} doc its comment, without the tags; empty where it has none
 * @property {{ name: string, text: string }[]} tags `@default` and its like
 * @property {string} code its declaration without the body
 * @property {string} file the source, from the root
 * @property {number} line from 1
 * @property {boolean} plain whether its type is one literal, such as the `k` of an entry, which says all by itself
 * @property {Member[]} members what it has itself: properties, methods
 */

/**
 * @typedef {object} Entry
 * @property {string} path what applications import: `@holdfast/server/next`
 * @property {Member[]} exported
 * @property {Member[]} named types that the exported ones name, and that cannot be imported
 */

export const published = ['protocol', 'log', 'server', 'client'];

/**
 * What each entry point of a package exports, in the order of their names.
 *
 * @param {string} name of its folder
 * @returns {Entry[]}
 */
export function publicApi(name) {
  const api = new API({ cwd: root });
  try {
    const config = join(root, 'packages', name, 'tsconfig.json');
    const [project] = api.updateSnapshot({ openProjects: [config] }).getProjects();
    const reader = new Reader(project);
    const points = entryPoints();
    // What any entry point exports is described there, and nowhere else.
    for (const { file } of points) for (const { id } of reader.exportsOf(file)) reader.seen.add(id);
    const own = points.filter(({ file }) => file.startsWith(`packages/${name}/`));
    return own.map(({ path, file }) => reader.entry(path, file));
  } finally {
    api.close();
  }
}

/** The sources of the entry points of the published packages, as the tests resolve them too. */
function entryPoints() {
  const config = readFileSync(join(root, 'tsconfig.json'), 'utf8');
  const paths = [...config.matchAll(/"(@holdfast\/[\w/]+)": \["\.\/(packages\/[^"*]+)"\]/g)];
  return paths
    .map(([, path, file]) => ({ path, file }))
    .filter(({ file }) => published.includes(file.split('/')[1]));
}

/** Kinds of types in which a type literal's properties are still those of the whole. */
const transparent = new Set([
  SyntaxKind.UnionType,
  SyntaxKind.IntersectionType,
  SyntaxKind.ParenthesizedType,
  SyntaxKind.ArrayType,
  SyntaxKind.TypeOperator,
]);

const withName = new Set([
  SyntaxKind.PropertySignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
]);

/** Declarations whose type is written out behind them; that of a function is what it returns. */
const withType = new Set([
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.VariableDeclaration,
  SyntaxKind.PropertySignature,
]);

/** What a declaration has inside of it, each with what is said of the alternative of a union that it stands in. */
function membersOf(node) {
  if (node.members) return [...node.members].map((member) => ({ node: member, of: '' }));
  return withType.has(node.kind) && node.type ? literalsIn(node.type) : [];
}

function literalsIn(type) {
  if (type.kind === SyntaxKind.TypeLiteral)
    return [...type.members].map((node) => ({ node, of: commentBefore(type) }));
  if (!transparent.has(type.kind)) return [];
  const parts = type.types ?? [type.elementType ?? type.type];
  return [...parts].flatMap(literalsIn);
}

/** The doc comment of an alternative, which stands in front of its bar; that of a type is the compiler's to read. */
function commentBefore(node) {
  const before = node.getSourceFile().text.slice(0, node.getStart());
  const comment = /^\/\*\*([\s\S]*?)\*\/\s*\|?\s*$/.exec(before.slice(before.lastIndexOf('/**')));
  return (comment?.[1] ?? '').replaceAll(/\n\s*\*/g, '\n').trim();
}

class Reader {
  constructor(project) {
    this.project = project;
    this.checker = project.checker;
    this.seen = new Set();
    this.waiting = [];
  }

  /** Nothing where the project does not read the file. */
  exportsOf(file) {
    const source = this.project.program.getSourceFile(join(root, file));
    const module = source && this.checker.getSymbolAtLocation(source);
    if (!module) return [];
    return this.checker
      .getExportsOfModule(module)
      .map((symbol) => this.resolved(symbol))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  entry(path, file) {
    const exported = this.exportsOf(file).flatMap((symbol) => this.declared(symbol));
    if (exported.length === 0) throw new Error(`unable to read ${path}: ${file} exports nothing`);
    const named = [];
    for (let symbol = this.waiting.shift(); symbol; symbol = this.waiting.shift())
      named.push(...this.declared(symbol));
    return { path, exported, named };
  }

  resolved(symbol) {
    return symbol.flags & SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The member that a symbol is; none where another package or the SDK declares it. */
  declared(symbol) {
    const [node] = symbol.declarations.map((handle) => handle.resolve(this.project));
    if (!node || !ours(node)) return [];
    return [this.member(symbol, node, symbol.name)];
  }

  member(symbol, node, name) {
    this.lookForNames(node);
    const source = node.getSourceFile();
    const start = node.getStart();
    return {
      name,
      doc: symbol.getDocumentationComment(this.checker),
      tags: symbol.getJsDocTags(this.checker),
      code: codeOf(node, source.text),
      file: relative(root, source.fileName),
      line: source.text.slice(0, start).split('\n').length,
      plain: node.type?.kind === SyntaxKind.LiteralType,
      members: membersOf(node).flatMap((inner) => this.inner(inner, name)),
    };
  }

  inner({ node, of }, outer) {
    if (!withName.has(node.kind) || isHidden(node)) return [];
    const symbol = this.checker.getSymbolAtLocation(node.name);
    if (!symbol) return [];
    const member = this.member(symbol, node, `${outer}.${node.name.text}`);
    return [{ ...member, doc: member.doc || of }];
  }

  /** Types of ours that stand in a declaration: whoever reads it has to know them. */
  lookForNames(node) {
    node.forEachChild((child) => {
      if (child.kind === SyntaxKind.Block || isHidden(child)) return;
      const named = child.typeName ?? (isHeritage(child) ? child.expression : undefined);
      if (named) this.note(this.checker.getSymbolAtLocation(named));
      if (node.kind !== SyntaxKind.VariableDeclaration || child === node.type)
        this.lookForNames(child);
    });
  }

  note(symbol) {
    if (!symbol) return;
    const type = this.resolved(symbol);
    if (this.seen.has(type.id) || type.flags & SymbolFlags.TypeParameter) return;
    this.seen.add(type.id);
    this.waiting.push(type);
  }
}

const isHeritage = (node) => node.kind === SyntaxKind.ExpressionWithTypeArguments;

const isHidden = (node) =>
  node.name?.kind === SyntaxKind.PrivateIdentifier ||
  node.modifiers?.some(({ kind }) => kind === SyntaxKind.PrivateKeyword) === true;

const ours = (node) => node.getSourceFile().fileName.startsWith(join(root, 'packages/'));

/** A declaration as it is written, without comments, values, and what is done inside of it. */
function codeOf(node, text) {
  const isValue = node.kind === SyntaxKind.VariableDeclaration;
  const ends = [node.body?.getStart(), isValue && node.type?.getEnd(), node.getEnd()];
  const code = withoutComments(text.slice(node.getStart(), ends.find(Boolean)));
  if (node.kind === SyntaxKind.ClassDeclaration) return skeletonOf(node, code, text);
  return `${isValue ? 'const ' : ''}${code.replaceAll(/^\s*\n/gm, '').trim()}`;
}

const withoutComments = (code) => code.replaceAll(/\/\*\*[\s\S]*?\*\//g, '');

/** A class with its constructor and what is public in it. */
function skeletonOf(node, code, text) {
  const shown = [...node.members].filter((member) => !isHidden(member));
  const lines = shown.map((member) => `  ${codeOf(member, text)}`);
  return `${code.slice(0, code.indexOf('{'))}{\n${lines.join('\n')}\n}`;
}

/** All members, with those inside of them. */
export const allOf = (members) => members.flatMap((member) => [member, ...allOf(member.members)]);
