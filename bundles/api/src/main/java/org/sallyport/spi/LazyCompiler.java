package org.sallyport.spi;

import java.util.concurrent.Executor;

/**
 * Compiles the functions of one module one by one, when they are wanted. Thread-safe.
 *
 * <p>Each function has a stub, whose address stands for the function everywhere: in calls within the module, reference
 * records, exports. It jumps to where the function's slot in a table says: to its code, or as long as there is none to
 * where the guest leaves with {@link Builtin#COMPILE}. Its argument block then holds the index of the function among
 * those defined in the module (int); the runtime puts the address of the code there and into the slot, and the guest
 * goes on with the call. So nothing that is executable is ever changed.
 */
public interface LazyCompiler {
    /**
     * A function's code.
     *
     * @param code function 0 is the function; the others are helpers
     * @param callFields offsets of calls to other functions of the module, which are completed by {@link #completeCall}
     * @param callTargets for each of them, the index among the functions defined in the module
     */
    record Function(CompiledModule code, int[] callFields, int[] callTargets) {}

    /**
     * Completes a call of a function's code.
     *
     * @param at offset of the call, one of {@link Function#callFields}
     * @param distance from there to the stub or function that is called, less than {@link CodeGenerator#reach}
     */
    void completeCall(byte[] code, int at, long distance);

    /**
     * The stubs, position independent but for the place of the table.
     *
     * @param tableOffset distance from their start to the table's, 8 bytes for each function, a multiple of 8 and not
     *     less than {@link #stubBytes}
     */
    byte[] stubs(int tableOffset);

    int stubBytes();

    /** Offset of a function's stub. */
    int stub(int function);

    /** Offset of what a function's slot holds as long as there is no code. */
    int beforeCode(int function);

    /**
     * Compiles a function.
     *
     * @param function index among the functions defined in the module
     * @throws org.sallyport.CompilationException as {@link CodeGenerator#compile}
     * @throws org.sallyport.LimitExceededException as {@link CodeGenerator#compile}
     */
    Function compile(int function, CompileBudget budget);

    /**
     * Compiles all functions, as {@link CodeGenerator#compile} does and with the same result. Functions that are
     * compiled singly meanwhile are not compiled twice. One call at a time.
     *
     * @throws org.sallyport.CompilationException as {@link CodeGenerator#compile}
     * @throws org.sallyport.LimitExceededException as {@link CodeGenerator#compile}
     */
    CompiledModule compileAll(CompileBudget budget, Executor executor);
}
