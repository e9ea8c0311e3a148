// Numbers: integers, IEEE corner cases, BigInt.
[
  7 % -3, -7 % 3, 2 ** 31 | 0, 1 / 3, 0.1 + 0.2, -0 === 0, Object.is(-0, 0), 5 / 0, Math.hypot(3, 4), (255).toString(2),
  Number.MAX_SAFE_INTEGER + 2, 1e21, 1e-7, parseInt("0x1f"), (1234.5678).toFixed(2), Math.sqrt(2), Math.atan2(1, -1),
  (2n ** 200n - 1n).toString(36), 10n ** 40n / 7n, BigInt.asIntN(8, 200n),
].join("\n");
