package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.*;

import org.sallyport.codegen.pipeline.CallConvention;
import org.sallyport.codegen.regalloc.Registers;

/** Roles of the registers in guest code (docs/abi.md). */
final class Abi {
    /** Instance context of the running function. */
    static final int VMCTX = R15;
    /** Base of memory 0 of that instance. */
    static final int MEMORY0 = R14;
    /** The caller's instance context, at a call that may leave the instance. */
    static final int CALLER_VMCTX = R10;
    /** Where a tail call has the callee's code, or the reference to it, and its instance context: no places of arguments. */
    static final int CALLEE_CODE = R12;
    static final int CALLEE_VMCTX = CALLER_VMCTX;
    /** What is left of the fuel, in code that counts; allocated in other code. */
    static final int FUEL = R13;
    /** Scratch of the emitter: never allocated. */
    static final int SCRATCH = R11;
    static final int VECTOR_SCRATCH = XMM15;

    // @formatter:off
    static final int[] INT_ARGS    = {RDI, RSI, RDX, RCX, R8, R9, RAX, RBX};
    static final int[] INT_RESULTS = {RAX, RDX, RCX, RSI, RDI, R8, R9, RBX};
    // @formatter:on
    /** Vector arguments and results are in xmm0 and up. */
    static final int VECTOR_ARGS = 8;

    /** Sets of allocator registers. */
    static final long ALLOCATABLE_INT =
            0xFFFF & ~(1 << RSP | 1 << RBP | 1 << VMCTX | 1 << MEMORY0 | 1 << SCRATCH);
    static final long ALLOCATABLE = ALLOCATABLE_INT | 0x7FFFL << Registers.VECTORS;

    static final Registers REGISTERS = new Registers(ALLOCATABLE, SCRATCH, Registers.VECTORS + VECTOR_SCRATCH);
    static final Registers REGISTERS_WITH_FUEL =
            new Registers(ALLOCATABLE & ~(1L << FUEL), SCRATCH, Registers.VECTORS + VECTOR_SCRATCH);
    static final CallConvention CONVENTION = new CallConvention(INT_ARGS, INT_RESULTS, VECTOR_ARGS);

    /** Where a function that calls out of its instance keeps its context: {@code [rbp + SAVED_VMCTX]}. */
    static final int SAVED_VMCTX = -8;
    /** First stack argument of the running function: {@code [rbp + INCOMING]}. */
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
