// A whole process: node first.mjs FILE.wasm FUNCTION; compiles, instantiates, calls the function without arguments, prints its result.
import fs from 'node:fs';
const [file, name] = process.argv.slice(2);
const {instance} = await WebAssembly.instantiate(fs.readFileSync(file), {});
console.log(instance.exports[name]());
