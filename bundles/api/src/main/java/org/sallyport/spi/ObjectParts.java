package org.sallyport.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;

/**
 * What one instance is made of, for code of an {@link ObjectBackEnd}, and what that asks of the runtime. Indices are those of
 * the module's index spaces. References are numbers of the store, 0 is null; code passes them on, compares them, and makes none.
 * Those to anything but functions may be objects instead ({@link ObjectBackEnd#referencesAreObjects}).
 * Used by the thread inside the store.
 */
public interface ObjectParts {
    /** A memory that is not shared. */
    ArrayMemory memory(int index);

    /** A shared one. */
    SegmentMemory sharedMemory(int index);

    ArrayTable table(int index);

    GlobalCell global(int index);

    /** An imported function. */
    GuestFunction imported(int index);

    /** The reference to a function of the instance. */
    long reference(int function);

    /** The function that a reference stands for, which is not null. */
    GuestFunction function(long reference);

    /** Number of the type of the function that a reference stands for, which is not null. */
    int typeOf(long reference);

    /** The number of a type of the module; equal types have equal numbers. */
    int typeNumber(int type);

    /**
     * Does what is the runtime's, and looks at the deadline meanwhile.
     *
     * @param arguments as the builtin's type says, i32 in the low 32 bits
     * @return the result, if it has one
     * @throws TrapException as the instruction's semantics say
     */
    long builtin(Builtin builtin, long... arguments);

    /** {@code memory.copy}; addresses and length are unsigned. @throws TrapException if a range is not wholly inside */
    void copyMemory(int destination, int source, long to, long from, long length);

    /** {@code memory.fill}. @throws TrapException if the range is not wholly inside */
    void fillMemory(int memory, long to, byte value, long length);

    /** The type of the function that a reference stands for, which is not null. */
    FuncType funcTypeOf(long reference);

    /** References on their way, where they are objects. */
    PassedObjects passed();

    /** The number of a tag; equal tags have equal numbers. */
    long tag(int index);

    /** An exception to throw, with values as there. */
    Raised raise(int tag, long[] words, @Nullable Object[] objects);

    /**
     * The guest gets a reference to an exception.
     *
     * @throws org.sallyport.LimitExceededException if the store's exceptions are more than it may have
     */
    void refersTo(Raised exception);

    /** A type of structures or arrays of the module. */
    GuestType guestType(int type);

    /** Number of the type that is {@code depth} below the root among the supertypes of a function's type, or it; 0 for none. */
    int ancestorOf(long reference, int depth);

    /** Counts structures and arrays. */
    ObjectMeter meter();

    /** Bytes of a data segment; 0 if it was dropped. */
    int dataLength(int segment);

    /** Sets elements from the bytes of a data segment; the ranges are inside. */
    void putData(GuestArray array, int to, int segment, int from, int length);

    /** References in an element segment; 0 if it was dropped. */
    int elementCount(int segment);

    /** Sets elements to those of a segment; the ranges are inside. */
    void putElements(GuestArray array, int to, int segment, int from, int length);

    /** What code reads at the start of each function that calls others, and of each round of a loop; always the same. */
    StopSign stopSign();

    /**
     * Called where the {@link #stopSign} is raised, or instead of looking at it.
     *
     * @throws org.sallyport.GuestInterruptedException if the call must stop
     */
    void checkpoint();

    /** Where the fuel is that code takes from, in {@link GlobalCell#low}; null if it is not counted. */
    @Nullable GlobalCell fuel();

    /** What to throw where that is less than nothing. */
    OutOfFuelException outOfFuel();

    /** What to throw where the guest traps. */
    TrapException trap(TrapCode code);

    /** What to throw when a guest has trapped further in, with its frames then, innermost first. */
    TrapException trap(TrapCode code, List<GuestFrame> frames);
}
