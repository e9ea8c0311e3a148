// Times one kernel in V8's optimizing compiler: node --no-liftoff kernel.mjs FILE.wasm ROUNDS; prints median ns per run and the checksum.
import fs from 'node:fs';
const [file, rounds] = process.argv.slice(2);
const {instance} = await WebAssembly.instantiate(fs.readFileSync(file), {env: {inc: x => x + 1 | 0}});
const {run, inc} = instance.exports;
const work = inc ? n => { let x = 0; for (let i = 0; i < n; i++) x = inc(x); return x; } : run;
const n = +rounds;
const samples = [];
const warm = performance.now();
while (performance.now() - warm < 1500) work(n);
for (let i = 0; i < 9; i++) {
  let count = 0;
  const start = performance.now();
  do { work(n); count++; } while (performance.now() - start < 200);
  samples.push((performance.now() - start) * 1e6 / count);
}
console.log(Math.round(samples.sort((a, b) => a - b)[4]), String(work(n)));
