// JSON there and back, sorting, grouping.
const people = JSON.parse('[{"n":"Ada","y":1815,"tags":["math","é"]},{"n":"Grace","y":1906,"tags":[]},{"n":"Alan","y":1912,"tags":["math"]}]');
const byTag = {}; for (const p of people) for (const t of p.tags) (byTag[t] ??= []).push(p.n);
const big = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ i, s: "x".repeat(i % 17), q: i / 8, z: [null, i % 2 === 0] })));
const again = JSON.parse(big);
let sum = 0; for (const o of again) sum += o.i + o.s.length + o.q;
[JSON.stringify(byTag), people.sort((p, q) => q.y - p.y).map(p => p.n), JSON.stringify({ u: undefined, d: new Date(0), n: NaN, nested: { k: "\u2028\"" } }, null, 1), big.length, sum].join("\n");
