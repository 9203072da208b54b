/** Names of test files without their folder and end. */
export const tests = (names) => names.split(' ').map((name) => `test/${name}.test.ts`);
