// Runs batches of modules for NodeEngine: reads and writes frames of a length (32 bits, big-endian) and that many bytes.
'use strict';
const fs = require('fs');
const view = new DataView(new ArrayBuffer(8));

const bits = {
  i32: v => { view.setInt32(0, v); return view.getUint32(0).toString(16); },
  i64: v => BigInt.asUintN(64, v).toString(16),
  f32: v => { view.setFloat32(0, v); return isNaN(v) ? 'nan' : view.getUint32(0).toString(16); },
  f64: v => { view.setFloat64(0, v); return isNaN(v) ? 'nan' : view.getBigUint64(0).toString(16); }};
const show = (type, v) => type + ' ' + bits[type](v);
const value = {
  i32: s => Number(BigInt.asIntN(32, BigInt(s))),
  i64: s => BigInt(s),
  f32: s => { view.setUint32(0, Number(BigInt.asUintN(32, BigInt(s)))); return view.getFloat32(0); },
  f64: s => { view.setBigInt64(0, BigInt(s)); return view.getFloat64(0); }};
/** Types of the tags whose values are shown. */
const tags = [['i32'], [], ['i64', 'f64']];
const traps = [
  [/unreachable/, 'unreachable'], [/unaligned/, 'unaligned'], [/segment out of bounds/, 'segment'],
  [/memory access out of bounds/, 'memory'], [/table index is out of bounds/, 'table'],
  [/signature mismatch/, 'callee'], [/by zero/, 'zero'], [/unrepresentable/, 'range'], [/null pointer|null value/, 'null'],
  [/illegal cast/, 'cast'], [/array element|array is too large/, 'array'], [/shared memory|Atomics.wait/, 'shared']];

/** A number that the host keeps for a guest. */
class Kept { constructor(v) { this.v = v; } }

function trap(e) {
  if (e instanceof RangeError && /call stack/.test(e.message)) return 'trap stack';
  if (!(e instanceof WebAssembly.RuntimeError)) return 'error ' + e;
  const found = traps.find(([pattern]) => pattern.test(e.message));
  return 'trap ' + (found ? found[1] : e.message);
}

function end(e, x) {
  if (!(e instanceof WebAssembly.Exception)) return trap(e);
  for (let i = 0; i in tags || x['x' + i]; i++) {
    if (x['x' + i] && e.is(x['x' + i])) {
      return 'exception ' + i + (tags[i] || []).map((t, k) => ' ' + show(t, e.getArg(x['x' + i], k))).join('');
    }
  }
  return 'exception of another tag';
}

function run(binaries, plan) {
  let x;
  const imports = {host: {
    h0: (a, b) => Math.imul(a, 31) + (b << 5 | b >>> 27) | 0,
    h1: a => BigInt.asIntN(64, a ^ BigInt.asUintN(64, a) >> 7n),
    h2: (a, b) => a * 0.5 - b,
    back: (k, a) => x['n' + (k >>> 0) % functions](k, a, 0.5),
    wrap: a => new Kept(a),
    unwrap: r => r === null ? -7 : r instanceof Kept ? r.v : -9,
    raise: a => {
      if ((a & 7) === 0) throw new WebAssembly.Exception(x.x0, [a]);
      return Math.imul(a, 3);
    },
    pass: (a, r) => a & 1 ? r : null}};
  const [functions, ...calls] = plan.split('\n');
  const lines = [];
  try {
    for (const binary of binaries) {
      x = new WebAssembly.Instance(new WebAssembly.Module(binary), imports).exports;
      imports.lib = x;
    }
  } catch (e) {
    return [e instanceof WebAssembly.CompileError || e instanceof WebAssembly.LinkError ? 'refused ' + e.message : trap(e)];
  }
  for (const call of calls) {
    const [name, params, results, args] = call.split('|').map(list => list.split(',').filter(t => t));
    if (name[0][0] === '=') { // bytes of a memory
      const [from, length] = args.map(Number);
      lines.push(Buffer.from(x[name[0].slice(1)].buffer, from, length).toString('base64'));
      continue;
    }
    try {
      const found = x[name[0]](...args.map((a, i) => value[params[i]](a)));
      const list = results.length === 0 ? [] : results.length === 1 ? [found] : found;
      lines.push(results.map((t, i) => show(t, list[i])).join(' '));
    } catch (e) {
      lines.push(end(e, x));
    }
    if (x.state) {
      try {
        lines.push('state ' + bits.i64(x.state()));
      } catch (e) {
        lines.push('state ' + end(e, x));
      }
    }
  }
  return lines;
}

function read(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const got = fs.readSync(0, bytes, at, length - at);
    if (got === 0) process.exit(0);
    at += got;
  }
  return bytes;
}

function write(bytes) {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(1, bytes, at);
}

for (let batches = 0;; batches++) {
  const batch = read(read(4).readInt32BE());
  let at = 0;
  const number = () => { at += 4; return batch.readInt32BE(at - 4); };
  const part = () => { const length = number(); at += length; return batch.subarray(at - length, at); };
  const cases = [];
  for (let i = number(); i > 0; i--) {
    const binaries = [];
    for (let k = number(); k > 0; k--) binaries.push(part());
    cases.push(run(binaries, part().toString()).join('\n'));
  }
  const answer = Buffer.from(cases.join('\0'));
  const length = Buffer.alloc(4);
  length.writeInt32BE(answer.length);
  write(length);
  write(answer);
  if (batches % 8 === 7) globalThis.gc(); // memories take address space until they are collected
}
