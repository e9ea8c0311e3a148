// Exceptions: try/finally order, custom errors, stack exhaustion that a program survives.
class MyError extends Error { constructor(m) { super(m, { cause: 7 }); this.name = "MyError"; } }
const order = [];
function work() { try { order.push("try"); throw new MyError("boom"); } catch (e) { order.push(`${e}:${e.cause}`); return 1; } finally { order.push("finally"); } }
let deep = 0; const dive = () => { deep++; dive(); };
let exhausted; try { dive(); } catch (e) { exhausted = e instanceof RangeError || e instanceof InternalError; }
let type; try { null.x; } catch (e) { type = e.constructor.name; }
let syntax; try { eval("let 1"); } catch (e) { syntax = e.name; }
[work(), order, exhausted && deep > 100, type, syntax, Promise.resolve(1) instanceof Promise].join("\n");
