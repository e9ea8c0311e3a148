// Closures, classes with private fields, generators, destructuring, spread, tagged templates, getters, symbols.
const counter = (() => { let n = 0; return { up: () => ++n, get now() { return n; } }; })();
counter.up(); counter.up();
class Point { #x; constructor(x) { this.#x = x; } static of(...a) { return new this(...a); } get x() { return this.#x; } }
class Named extends Point { constructor(x, name) { super(x); this.name = name; } toString() { return `${this.name}@${this.x}`; } }
function* fibonacci() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } }
const first = []; for (const f of fibonacci()) { if (f > 100) break; first.push(f); }
const { a, ...rest } = { a: 1, b: 2, c: { d: [3] } };
const tag = (parts, ...values) => parts.raw.join("_") + values.join(",");
const range = { *[Symbol.iterator]() { yield* [1, 2, 3]; } };
const memo = new Map([[NaN, "nan"], ["k", 1]]);
[counter.now, Named.of(3, "p"), first, JSON.stringify(rest), tag`x${1}\n${2}y`, Math.max(...range), memo.get(NaN), [..."hello"].reverse().join("")].join("\n");
