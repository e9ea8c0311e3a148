package org.sallyport.codegen.pipeline;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.GuestBorder;

/**
 * What the pipeline asks of a machine; one package implements all of it. The packages of several machines hold the same
 * file names, so that an instruction added to one shows what the others lack. Immutable: any number of threads uses one,
 * each with its own {@link Lowering} and {@link Emitter}.
 *
 * <p>Bytes go through arrays and offsets only: nothing here knows an address, and what is made runs wherever it is
 * mapped.
 */
public interface Isa extends GuestBorder {
    /** Name of machine and operating system, such as {@code x86_64-linux}. */
    String target();

    /** Identifies code that differs: version of what is emitted, extensions of the CPU in use. */
    String fingerprint();

    /** Whether this machine can run what is emitted. */
    boolean isUsable();

    // ---- functions

    /** What may be allocated in code of the module. */
    Registers registers(ModuleCode module);

    CallConvention convention();

    /** @param graph what is lowered, function by function; {@code lir} is where it goes */
    Lowering lowering(ModuleCode module, Graph graph, Lir lir);

    /** @param lir what is emitted, function by function; {@code meter} counts the steps */
    Emitter emitter(ModuleCode module, Lir lir, Meter meter);

    /** Machine code of the helper that a relocation names ({@link FunctionCode#helper}); it has no relocations. */
    byte[] helper(ModuleCode module, int target);

    /** What instructions that {@code lir} holds must be, function by function. */
    LirVerifier.Rules rules(ModuleCode module, Lir lir);

    /** Instructions as text: with virtual registers, or with places and the allocator's moves. */
    String print(Lir lir, @Nullable Allocation allocation);

    /** Selects the machine instructions of one function after the other. One thread. */
    interface Lowering {
        /** Makes the {@link Lir} of what the graph holds, and seals it. */
        void run();
    }

    /** Writes the bytes of one function after the other. One thread. */
    interface Emitter {
        /** @param position of the function's body in the binary, for a stack overflow */
        FunctionCode run(Allocation allocation, int position);
    }

    // ---- parts of the module's code

    Branches branches();

    LazyStubs lazyStubs();

    /** Calls between pieces of code that are placed later. */
    interface Branches {
        /** Logarithm of the alignment that every function has. */
        int alignment();

        /** Fills what lies between functions with something that traps. */
        void fill(byte[] code, int from, int to);

        /** See {@link org.sallyport.spi.CodeGenerator#reach}. */
        long reach();

        /**
         * Completes a call.
         *
         * @param at offset of the relocation ({@link FunctionCode#relocationOffsets})
         * @param distance from there to the target, its amount less than {@link #reach}
         */
        void complete(byte[] code, int at, long distance);
    }

    /** Through which a module's functions are called before they are compiled ({@link org.sallyport.spi.LazyCompiler}). */
    interface LazyStubs {
        /** @param tableOffset distance from the first byte to the table, see {@link org.sallyport.spi.LazyCompiler#stubs} */
        byte[] emit(int functions, int tableOffset);

        /** Bytes of the stubs of so many functions. */
        int bytes(int functions);

        /** Offset of a function's stub. */
        int stub(int function);

        /** Offset of what stands for the code of a function that has none, of {@code functions}. */
        int before(int function, int functions);
    }
}
