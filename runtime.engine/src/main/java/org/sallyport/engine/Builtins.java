package org.sallyport.engine;

import static org.sallyport.TrapCode.MEMORY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.TABLE_OUT_OF_BOUNDS;

import org.sallyport.LimitExceededException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.wasm.WasmModule;

/** What compiled code asks the runtime to do ({@link Builtin}). Arguments are words, i32 in the low half. */
public final class Builtins {
    private static final long[] NONE = {};
    /** Between two looks at the deadline: well below a millisecond, page faults included. */
    public static final int PIECE_BYTES = 1 << 20;

    static final int PIECE_ELEMENTS = 1 << 17;

    private final Execution execution;
    private final GuestWaits waits;

    public Builtins(Execution execution) {
        this.execution = execution;
        waits = new GuestWaits(execution);
    }

    /** @return the result, if it has one */
    public long run(Builtin builtin, InstanceImpl instance, long[] args) {
        switch (builtin) {
            case MEMORY_GROW -> {
                return growMemory(instance, integer(args, 0), args[1]);
            }
            case MEMORY_INIT -> initMemory(instance, args);
            case DATA_DROP -> instance.dataDropped[integer(args, 0)] = true;
            case TABLE_GROW -> {
                return growTable(instance.references(integer(args, 0)), args[1], args[2]);
            }
            case TABLE_FILL -> fillTable(instance.references(integer(args, 0)), args);
            case TABLE_COPY -> copyTable(instance, args);
            case TABLE_INIT -> initTable(instance, args);
            case ELEM_DROP -> instance.dropElements(integer(args, 0));
            case REF_FUNC -> {
                return instance.functionReference(integer(args, 0));
            }
            case MEMORY_NOTIFY -> {
                return waits.notify(instance.memories[integer(args, 0)], args[1], args[2], integer(args, 3));
            }
            case MEMORY_WAIT32 -> {
                MemoryImpl memory = instance.memories[integer(args, 0)];
                return waits.await(memory, args[1], args[2], integer(args, 3), args[4], Integer.BYTES);
            }
            case MEMORY_WAIT64 -> {
                return waits.await(instance.memories[integer(args, 0)], args[1], args[2], args[3], args[4], Long.BYTES);
            }
            case COMPILE, THROW, THROW_REF, RETHROW, CAUGHT, HANDLE ->
                throw new AssertionError("BUG: " + builtin + " is of machine code only");
            default -> {
                return execution.objectBuiltins().run(builtin, instance, args);
            }
        }
        return 0;
    }

    private static int integer(long[] args, int i) {
        return (int) args[i];
    }

    /** A 32-bit argument that is an unsigned number. */
    private static long unsigned(long[] args, int i) {
        return args[i] & 0xFFFF_FFFFL;
    }

    /** Whether the range is not wholly below {@code size}; all unsigned. */
    public static boolean isOutside(long start, long length, long size) {
        return Long.compareUnsigned(length, size) > 0 || Long.compareUnsigned(start, size - length) > 0;
    }

    private void check(long start, long length, long size, TrapCode code) {
        if (isOutside(start, length, size)) {
            throw new TrapException(code, "", execution.backtrace());
        }
    }

    private static long growMemory(InstanceImpl instance, int memory, long pages) {
        try {
            return instance.memories[memory].linear().grow(pages);
        } catch (LimitExceededException e) {
            return -1; // the guest may only know that it cannot have more
        }
    }

    private long growTable(ReferenceTable table, long elements, long initial) {
        try {
            long old = table.grow(elements, 0);
            if (old >= 0 && initial != 0) {
                fill(table, old, elements, initial);
            }
            return old;
        } catch (LimitExceededException e) {
            return -1;
        }
    }

    private void initMemory(InstanceImpl instance, long[] args) {
        LinearMemory memory = instance.memories[integer(args, 0)].linear();
        int segment = integer(args, 1);
        long to = args[2];
        long from = unsigned(args, 3);
        long length = unsigned(args, 4);
        WasmModule wasm = instance.moduleImpl().wasm();
        WasmModule.Range bytes = wasm.data().get(segment).bytes();
        int size = instance.dataDropped[segment] ? 0 : bytes.length();
        check(from, length, size, MEMORY_OUT_OF_BOUNDS);
        check(to, length, memory.byteSize(), MEMORY_OUT_OF_BOUNDS);
        writeMemory(memory, to, wasm.binary(), bytes.start() + (int) from, (int) length, execution);
    }

    /** Copies into a memory, in pieces with a look at the deadline. */
    static void writeMemory(LinearMemory memory, long at, byte[] source, int from, int length, Execution execution) {
        for (int done = 0; done < length; done += PIECE_BYTES) {
            execution.checkpoint();
            memory.write(at + done, source, from + done, Math.min(length - done, PIECE_BYTES));
        }
    }

    private void fillTable(ReferenceTable table, long[] args) {
        long start = args[1];
        long length = args[3];
        check(start, length, table.size(), TABLE_OUT_OF_BOUNDS);
        fill(table, start, length, args[2]);
    }

    private void fill(ReferenceTable table, long start, long length, long reference) {
        for (long done = 0; done < length; done += PIECE_ELEMENTS) {
            execution.checkpoint();
            table.fill(start + done, Math.min(length - done, PIECE_ELEMENTS), reference);
        }
    }

    private void copyTable(InstanceImpl instance, long[] args) {
        ReferenceTable target = instance.references(integer(args, 0));
        ReferenceTable source = instance.references(integer(args, 1));
        long to = args[2];
        long from = args[3];
        long length = args[4];
        check(from, length, source.size(), TABLE_OUT_OF_BOUNDS);
        check(to, length, target.size(), TABLE_OUT_OF_BOUNDS);
        copy(target, to, source, from, length);
    }

    /** Piece by piece from the end that keeps overlapping ranges right. */
    private void copy(ReferenceTable target, long to, ReferenceTable source, long from, long length) {
        boolean backwards = to > from;
        for (long done = 0; done < length; done += PIECE_ELEMENTS) {
            execution.checkpoint();
            long piece = Math.min(length - done, PIECE_ELEMENTS);
            long at = backwards ? length - done - piece : done;
            target.copy(to + at, source, from + at, piece);
        }
    }

    private void initTable(InstanceImpl instance, long[] args) {
        ReferenceTable table = instance.references(integer(args, 0));
        long[] references = instance.elements[integer(args, 1)];
        long length = unsigned(args, 4);
        if (!Instantiation.copyReferences(
                references == null ? NONE : references, unsigned(args, 3), table, args[2], length, execution)) {
            throw new TrapException(TABLE_OUT_OF_BOUNDS, "", execution.backtrace());
        }
    }
}
