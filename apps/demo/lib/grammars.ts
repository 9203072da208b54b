/** What there are colours for. */
export type Grammar =
  | 'typescript'
  | 'tsx'
  | 'shellscript'
  | 'json'
  | 'python'
  | 'html'
  | 'css'
  | 'sql';

/** By what stands behind the backticks. What is not here is shown in one colour. */
export const grammars: ReadonlyMap<string, Grammar> = new Map([
  ['ts', 'typescript'],
  ['typescript', 'typescript'],
  ['tsx', 'tsx'],
  ['jsx', 'tsx'],
  ['js', 'tsx'],
  ['javascript', 'tsx'],
  ['sh', 'shellscript'],
  ['bash', 'shellscript'],
  ['shell', 'shellscript'],
  ['json', 'json'],
  ['python', 'python'],
  ['html', 'html'],
  ['css', 'css'],
  ['sql', 'sql'],
]);
