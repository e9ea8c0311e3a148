// About a second of work for an interpreter: sieve, matrix product, n-body, string building, a hash of all results.
let hash = 2166136261; const mix = x => { for (const c of String(x)) hash = Math.imul(hash ^ c.charCodeAt(0), 16777619) >>> 0; };
const sieve = new Uint8Array(400000); let primes = 0;
for (let i = 2; i < sieve.length; i++) { if (!sieve[i]) { primes++; for (let j = i * 2; j < sieve.length; j += i) sieve[j] = 1; } }
mix(primes);
const N = 60, m = (f) => Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_, j) => f(i, j)));
const A = m((i, j) => i + j / 7), B = m((i, j) => i * j % 11), C = m((i, j) => { let s = 0; for (let k = 0; k < N; k++) s += A[i][k] * B[k][j]; return s; });
mix(C[17][23]); mix(C[59][1]);
let x = 0.5, y = 0.25, vx = 0.1, vy = -0.2; for (let i = 0; i < 200000; i++) { const d = x * x + y * y + 0.01; vx -= x / d * 1e-3; vy -= y / d * 1e-3; x += vx * 1e-3; y += vy * 1e-3; }
mix(x.toFixed(9)); mix(y.toFixed(9));
const words = new Map(); for (let i = 0; i < 60000; i++) { const w = "w" + (i * 7919 % 1009); words.set(w, (words.get(w) ?? 0) + i); }
mix([...words].sort((p, q) => q[1] - p[1] || (p[0] < q[0] ? -1 : 1)).slice(0, 5));
let s = ""; for (let i = 0; i < 40000; i++) s += String.fromCharCode(97 + i * i % 26); mix(s.length + s.slice(1000, 1020));
`${primes} ${hash}`;
