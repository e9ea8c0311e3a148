// Times one program with structures and arrays in V8: node objects.mjs FILE.wasm N; prints the shortest ns of many runs, and the result.
import fs from 'node:fs';
const [file, n] = process.argv.slice(2);
const {instance} = await WebAssembly.instantiate(fs.readFileSync(file));
const {run} = instance.exports;
const warm = performance.now();
while (performance.now() - warm < 2000) run(+n);
let best = Infinity, result;
for (let i = 0; i < 15; i++) {
  const start = performance.now();
  result = run(+n);
  best = Math.min(best, performance.now() - start);
}
console.log(Math.round(best * 1e6), result);
