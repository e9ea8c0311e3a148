package org.sallyport.codegen.pipeline;

import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.wasm.FuncType;

/**
 * Places of the arguments and results of one signature (docs/abi.md). A place is a register ({@link Registers}) or
 * {@code STACK + n}: {@code n} bytes into the caller's outgoing area. The arguments begin there; the callee takes them
 * off the stack when it returns. The results lie behind them, so that they are where they are whatever was passed: a
 * function of the same results and other arguments can be called in this one's place.
 */
public final class CallLayout {
    /** The first place that is no register. */
    public static final int STACK = Registers.END;

    private final Type[] paramTypes;
    private final Type[] resultTypes;
    private final int[] params;
    private final int[] results;
    private final int popped;
    private final int outgoing;

    private CallLayout(CallConvention convention, Type[] paramTypes, Type[] resultTypes) {
        this.paramTypes = paramTypes;
        this.resultTypes = resultTypes;
        params = new int[paramTypes.length];
        results = new int[resultTypes.length];
        popped = place(convention.intArgs(), convention, paramTypes, params, 0) + 15 & -16;
        outgoing = place(convention.intResults(), convention, resultTypes, results, popped) + 15 & -16;
    }

    public static CallLayout of(CallConvention convention, Type[] params, Type[] results) {
        return new CallLayout(convention, params, results);
    }

    public static CallLayout of(CallConvention convention, FuncType type) {
        return new CallLayout(convention, ModuleFacts.types(type.params()), ModuleFacts.types(type.results()));
    }

    private static int place(
            int[] intRegisters, CallConvention convention, Type[] types, int[] places, int stack) {
        int ints = 0;
        int vectors = 0;
        for (int i = 0; i < types.length; i++) {
            boolean isGeneral = isGeneral(types[i]);
            if (isGeneral && ints < intRegisters.length) {
                places[i] = intRegisters[ints++];
            } else if (!isGeneral && vectors < convention.vectorArgs()) {
                places[i] = Registers.VECTORS + vectors++;
            } else {
                int size = types[i] == Type.V128 ? 16 : 8;
                stack = stack + size - 1 & -size;
                places[i] = STACK + stack;
                stack += size;
            }
        }
        return stack;
    }

    private static boolean isGeneral(Type type) {
        return switch (type) {
            case I32, I64, REF -> true;
            case F32, F64, V128 -> false;
            case VOID -> throw new AssertionError("BUG: void in a signature");
        };
    }

    public int paramCount() {
        return params.length;
    }

    public int resultCount() {
        return results.length;
    }

    public Type paramType(int i) {
        return paramTypes[i];
    }

    public Type resultType(int i) {
        return resultTypes[i];
    }

    public int param(int i) {
        return params[i];
    }

    public int result(int i) {
        return results[i];
    }

    public static boolean isStack(int place) {
        return place >= STACK;
    }

    /** Bytes of arguments on the stack, which the callee takes off it when it returns: a multiple of 16. */
    public int popped() {
        return popped;
    }

    /** Bytes of the outgoing area that a call needs, a multiple of 16. */
    public int outgoing() {
        return outgoing;
    }
}
