// The programs of Program.java in V8's optimizing compiler: node --no-liftoff program.mjs PROTOCOL FILE.wasm INPUT; prints median ns of
// one piece of work, warm, and its result's length.
import fs from 'node:fs';
import path from 'node:path';
import {WASI} from 'node:wasi';
const [protocol, file, input] = process.argv.slice(2);
const module = await WebAssembly.compile(fs.readFileSync(file));
const text = fs.readFileSync(input);
const imports = wasi => {
  const all = {wasi_snapshot_preview1: wasi.wasiImport};
  for (const i of WebAssembly.Module.imports(module)) {
    if (i.module !== 'wasi_snapshot_preview1') (all[i.module] ??= {})[i.name] = () => 0;
  }
  return all;
};
const bytes = (e, at, length) => new Uint8Array(e.memory.buffer, at >>> 0, length);

function dprint() {
  const e = new WebAssembly.Instance(module, imports(new WASI({version: 'preview1'}))).exports;
  const send = b => { const at = e.clear_shared_bytes(b.length); bytes(e, at, b.length).set(b); };
  send(Buffer.from('{"plugin":{},"global":{}}'));
  e.register_config(1);
  const name = Buffer.from('/x/' + path.basename(input));
  return () => {
    send(name); e.set_file_path(); send(text);
    if (e.format(1) !== 1) throw new Error('not formatted');
    const length = e.get_formatted_text();
    return bytes(e, e.get_shared_bytes_ptr(), length).slice().length;
  };
}

function quickjs() {
  const wasi = new WASI({version: 'preview1'});
  const instance = new WebAssembly.Instance(module, imports(wasi));
  const e = instance.exports;
  wasi.initialize(instance);
  e.qjs_init();
  const code = e.wasm_malloc(text.length + 1), file = e.wasm_malloc(4), length = e.wasm_malloc(4);
  bytes(e, code, text.length).set(text);
  bytes(e, code + text.length, 1)[0] = 0;
  bytes(e, file, 4).set([120, 0, 0, 0]);
  return () => {
    const value = e.qjs_eval(code, text.length, file, 0);
    if (e.qjs_is_exception(value)) throw new Error('the script failed');
    e.qjs_free_cstring(e.qjs_get_string_len(value, length));
    e.qjs_free_value(value);
    return bytes(e, length, 4)[0];
  };
}

function command() {
  const folder = path.dirname(input);
  const kept = []; // Node.js 20 may fail an assertion of its own when it collects one of these while another is at work
  return () => {
    const wasi = new WASI({version: 'preview1', args: ['wat2wasm', path.basename(input), '-o', 'out.wasm'], preopens: {'.': folder},
      returnOnExit: true});
    kept.push(wasi);
    const status = wasi.start(new WebAssembly.Instance(module, imports(wasi)));
    if (status !== 0) throw new Error('ended with ' + status);
    return fs.statSync(path.join(folder, 'out.wasm')).size;
  };
}

const work = {dprint, quickjs, wasi: command}[protocol]();
const length = work();
for (const start = performance.now(); performance.now() - start < 4000;) work();
const samples = [];
for (let i = 0; i < 9; i++) {
  const start = performance.now();
  work();
  samples.push((performance.now() - start) * 1e6);
}
console.log(Math.round(samples.sort((a, b) => a - b)[4]), length);
