// Prints what the installed `ai` exports.
import * as ai from 'ai';

console.log(JSON.stringify(Object.keys(ai)));
