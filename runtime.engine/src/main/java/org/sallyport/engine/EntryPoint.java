package org.sallyport.engine;

import org.sallyport.engine.code.Brevity;
import org.sallyport.wasm.FuncType;

/**
 * How to enter the guest at a function. A record, because the JIT compiler takes the fields of a constant record for
 * constants.
 *
 * @param code address of the function
 * @param vmctx address of its instance context
 * @param trampoline address of the entry trampoline for its type
 * @param blockSize bytes of the argument block
 * @param isBrief see {@link Brevity}
 */
record EntryPoint(
        NativeExecution execution, FuncType type, long code, long vmctx, long trampoline, int blockSize, boolean isBrief) {}
