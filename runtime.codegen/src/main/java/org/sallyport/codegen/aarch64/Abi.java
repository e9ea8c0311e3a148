package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.*;

import org.sallyport.codegen.pipeline.CallConvention;
import org.sallyport.codegen.regalloc.Registers;

/** Roles of the registers in guest code (docs/abi.md). */
final class Abi {
    /** Instance context of the running function. */
    static final int VMCTX = X27;
    /** Base of memory 0 of that instance. */
    static final int MEMORY0 = X26;
    /** What is left of the fuel, in code that counts; allocated in other code. */
    static final int FUEL = X25;
    /** The caller's instance context, at a call that may leave the instance. */
    static final int CALLER_VMCTX = X9;
    /** Where a tail call has the callee's code, or the reference to it, and its instance context: no places of arguments. */
    static final int CALLEE_CODE = X10;
    static final int CALLEE_VMCTX = CALLER_VMCTX;
    /** Scratch of the register allocator's moves; also where the exit stub is told the address to go on at. */
    static final int SCRATCH = X16;
    static final int VECTOR_SCRATCH = V31;
    /** Scratch of single instructions: addresses and constants that they have no room for. */
    static final int TEMP = X17;

    // @formatter:off
    static final int[] INT_ARGS    = {X0, X1, X2, X3, X4, X5, X6, X7};
    static final int[] INT_RESULTS = {X0, X1, X2, X3, X4, X5, X6, X7};
    // @formatter:on
    /** Vector arguments and results are in v0 and up. */
    static final int VECTOR_ARGS = 8;

    /** Sets of allocator registers: x18 is the platform's, x30 free within frames for the long forms of {@link CodeBuffer}. */
    static final long ALLOCATABLE_INT = 0x1FFF_FFFFL & ~(1 << SCRATCH | 1 << TEMP | 1 << X18 | 1 << MEMORY0 | 1 << VMCTX);
    static final long ALLOCATABLE = ALLOCATABLE_INT | 0x7FFF_FFFFL << Registers.VECTORS;

    static final Registers REGISTERS = new Registers(ALLOCATABLE, SCRATCH, Registers.VECTORS + VECTOR_SCRATCH);
    static final Registers REGISTERS_WITH_FUEL =
            new Registers(ALLOCATABLE & ~(1L << FUEL), SCRATCH, Registers.VECTORS + VECTOR_SCRATCH);
    static final CallConvention CONVENTION = new CallConvention(INT_ARGS, INT_RESULTS, VECTOR_ARGS);

    /** Where a function that calls out of its instance keeps its context: {@code [fp + SAVED_VMCTX]}. */
    static final int SAVED_VMCTX = -8;
    /** First stack argument of the running function: {@code [fp + INCOMING]}. */
    static final int INCOMING = 16;

    // exit reasons
    static final int DONE = 0;
    static final int HOST_CALL = 1;
    static final int BUILTIN = 2;
    static final int TRAP = 3;
    static final int LATE = 4;

    /** Frames up to this size may be entered before the stack limit is looked at. */
    static final int UNCHECKED_FRAME = 16 << 10;
    /** A function that calls nothing and has no larger frame needs no stack check: its caller left room. */
    static final int LEAF_FRAME = 1 << 10;

    private Abi() {}
}
