package org.sallyport.engine;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.PassedObjects;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;
import org.sallyport.wasm.WasmModule;

/**
 * Evaluates constant expressions (WebAssembly 3.0, 3.4.14) of a validated module. A value is two words, of which only
 * vectors use the second; an i32 is zero-extended, as machine code keeps it.
 */
final class ConstExpr {
    private final InstanceImpl instance;
    private final Runnable step;
    private final ConstObjects objects;
    /** Null where references are numbers. */
    private final @Nullable ConstReferences references;
    private long[] low = new long[8];
    private long[] high = new long[8];
    private int depth;

    /** @param step called for each instruction; what it throws ends the evaluation */
    ConstExpr(InstanceImpl instance, Runnable step) {
        this.instance = instance;
        this.step = step;
        objects = new ConstObjects(instance);
        PassedObjects passed = instance.storeImpl().execution().passed();
        references = passed == null ? null : new ConstReferences(instance, passed);
    }

    /** Sets the global to the value. */
    void evaluate(WasmModule.Expr expression, GlobalImpl global) {
        run(expression);
        global.set(low[0], high[0]);
    }

    long evaluate(WasmModule.Expr expression) {
        run(expression);
        return low[0];
    }

    /** The value of an offset expression, unsigned. */
    long evaluateAddress(WasmModule.Expr expression, AddressType type) {
        long value = evaluate(expression);
        return type == AddressType.I32 ? value & 0xFFFF_FFFFL : value;
    }

    private void run(WasmModule.Expr expression) {
        depth = 0;
        CodeReader code =
                new CodeReader(instance.moduleImpl().wasm().binary(), expression.start(), expression.end());
        while (code.hasNext()) {
            step.run();
            step(code.next(), code);
        }
        if (depth != 1) {
            throw new AssertionError(
                    "BUG: constant expression at " + expression.start() + " leaves " + depth + " values");
        }
    }

    private void step(Opcode op, CodeReader code) {
        switch (op) {
            case I32_CONST, F32_CONST -> push(code.bits() & 0xFFFF_FFFFL, 0);
            case I64_CONST, F64_CONST -> push(code.bits(), 0);
            case V128_CONST -> push(code.bits(), code.bitsHigh());
            case REF_NULL -> push(0, 0);
            case REF_FUNC -> push(instance.functionReference(code.index()), 0);
            case GLOBAL_GET -> pushGlobal(instance.globals[code.index()]);
            case I32_ADD -> push(pop() + pop() & 0xFFFF_FFFFL, 0);
            case I32_SUB -> push(-pop() + pop() & 0xFFFF_FFFFL, 0);
            case I32_MUL -> push(pop() * pop() & 0xFFFF_FFFFL, 0);
            case I64_ADD -> push(pop() + pop(), 0);
            case I64_SUB -> push(-pop() + pop(), 0);
            case I64_MUL -> push(pop() * pop(), 0);
            case END -> {}
            default -> {
                if (references != null) {
                    references.step(op, code, this);
                } else {
                    objects.step(op, code, this);
                }
            }
        }
    }

    private void pushGlobal(GlobalImpl global) {
        ValType type = global.type().type();
        long first = global.low();
        switch (type) {
            case NumType.I32, NumType.F32 -> push(first & 0xFFFF_FFFFL, 0);
            case NumType.I64, NumType.F64 -> push(first, 0);
            case RefType _ -> push(first, 0);
            case VecType _ -> push(first, global.high());
        }
    }

    void push(long first, long second) {
        if (depth == low.length) {
            low = Arrays.copyOf(low, 2 * depth);
            high = Arrays.copyOf(high, 2 * depth);
        }
        low[depth] = first;
        high[depth++] = second;
    }

    /** The second word of the value on top. */
    long topHigh() {
        return high[depth - 1];
    }

    long pop() {
        return low[--depth];
    }
}
