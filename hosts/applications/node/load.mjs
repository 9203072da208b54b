// Loads entry points by the way in the first argument, and prints what each has.
import { createRequire } from 'node:module';

const [way, ...names] = process.argv.slice(2);
const load = way === 'require' ? createRequire(import.meta.url) : (name) => import(name);
const loaded = {};
for (const name of names) loaded[name] = Object.keys(await load(name));
console.log(JSON.stringify(loaded));
