package org.sallyport;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/**
 * Owns instances, memories, tables and globals, and is the unit of limits, interruption and clean-up: nothing in a
 * store is freed before the store is closed. One plugin instance per store is the recommended use.
 *
 * <p>Confined: any thread may use it, but only one at a time; a second one gets {@link ConcurrentEntryException} at
 * once. Only {@link #interrupt} and {@link #close} may be called from anywhere at any time. After a forced stop
 * (deadline, interruption) the store is <em>poisoned</em>: every later call throws {@link StoreClosedException}.
 *
 * <p>{@link Thread#interrupt} on a thread that is inside stops the guest if the store is {@linkplain #setInterruptible
 * interruptible}, or if the guest waits on a shared memory just then. Else machine code takes no notice, and only the host
 * function that runs, if any, sees it as Java code does.
 *
 * <p>{@link #interrupt} and a {@link CallContext} stop any guest. They interrupt a host function that blocks, again and again
 * until it returns, and the mark is taken away from the thread when its call ends. A host function that takes no notice keeps
 * its own call, and nobody else's.
 */
public interface Store extends AutoCloseable {
    Engine engine();

    StoreLimits limits();

    /** Bytes of all memories now. */
    long memoryBytes();

    /**
     * What this store holds now of what the process has only so much of. Who takes such things for its guests, as WASI
     * does descriptors, charges them here and gives them back; closing the store gives back what is left.
     */
    ResourceAccount resources();

    /**
     * Instructions that guests may still execute in this store; 0 when all is used up. While a call runs under a {@link
     * CallContext} that has less, calls end earlier. A store that was stopped says what it had then.
     *
     * @throws IllegalStateException if the engine does not count ({@link Config#withFuel})
     */
    long fuel();

    /**
     * Says how many instructions guests may execute in this store from now on, {@link StoreLimits#UNLIMITED_FUEL} for
     * any number. A host function may do it for the guest that called it.
     *
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if the engine does not count
     */
    void setFuel(long fuel);

    /** Why no call can be made any more, or null while the store works. */
    @Nullable String poisonedBecause();

    /**
     * Stops the running call, if any, with {@link GuestInterruptedException}; returns without waiting. If no call runs,
     * nothing happens: a call that begins after this has returned is never stopped by it.
     */
    void interrupt();

    /**
     * Whether {@link Thread#interrupt} on a thread that is inside stops the guest, with {@link GuestInterruptedException} and
     * as finally as {@link #interrupt}; at first it does not. Then what cancels work in Java, such as {@code Future.cancel}
     * and {@code ExecutorService.shutdownNow}, cancels guests. The thread stays interrupted.
     *
     * <p>The runtime looks at the thread about every 10 ms while it runs the guest's code. So a call that is short may end as if
     * nothing were, also one that begins in a thread that is interrupted already. A host function that runs sees the
     * interruption as Java code does; what it does not answer stops the guest when that goes on. Threads of a class that
     * overrides {@link Thread#isInterrupted} are not looked at: what keeps deadlines runs nothing foreign.
     *
     * @param on by the thread inside, or while no thread is inside
     */
    void setInterruptible(boolean on);

    /**
     * Attaches an object of the embedder, such as a plugin's identity; host functions find it with {@link
     * Caller#attachment}. One that is {@link AutoCloseable} when the store is closed is closed with it: it belongs to
     * the store.
     *
     * @param value null takes it away
     */
    <T> void attach(Class<T> key, @Nullable T value);

    <T> @Nullable T attachment(Class<T> key);

    /** @throws IllegalArgumentException if no module could have a memory of the type */
    Memory newMemory(MemoryType type);

    /**
     * @param type concrete types in it are numbers of the engine ({@link Engine#typeDefinition}), which the store then
     *     keeps; so for the others here
     * @param initial value of all elements; null for the null reference
     * @throws IllegalArgumentException if no module could have a table of the type, or it names a number that stands for
     *     nothing in this engine
     */
    Table newTable(TableType type, @Nullable Object initial);

    /**
     * @param value boxed as in {@link Linker}
     * @throws IllegalArgumentException if the type names a number that stands for nothing in this engine
     */
    Global newGlobal(GlobalType type, @Nullable Object value);

    /**
     * @param type what the tag's exceptions carry: its parameters; it has no results
     * @throws IllegalArgumentException if no module could have a tag of the type, or it names a number that stands for
     *     nothing in this engine
     */
    Tag newTag(FuncType type);

    /** @throws IllegalArgumentException if the type names a number that stands for nothing in this engine */
    Func newFunc(FuncType type, HostFunction function);

    /**
     * The number of a type of structures, arrays or functions that Java describes: a final one without supertypes. It is the one
     * that modules have for an equal definition outside of recursion groups; those in groups are found in the types of functions
     * that modules import and export. The store keeps it.
     *
     * @param type concrete types in it are numbers of the engine ({@link Engine#typeDefinition})
     * @throws IllegalArgumentException if it names a number that stands for nothing in this engine
     * @throws LimitExceededException if it has more fields, parameters or results than a module's may have
     */
    HeapType.Concrete newType(CompositeType type);

    /**
     * A structure.
     *
     * @param type a number of the engine, which the store then keeps
     * @param fields one value for each, boxed as in {@link Linker}, packed ones as {@code Integer}; or none at all, for zeros and
     *     nulls
     * @throws IllegalArgumentException if it is no type of structures, or there are not as many values, or one does not fit, or
     *     there are none and a field cannot be null
     * @throws ReferenceException if a value is of another store, or its scope is closed
     * @throws LimitExceededException if the store's memory does not suffice, even after a collection
     */
    StructRef newStruct(HeapType.Concrete type, @Nullable Object... fields);

    /**
     * An array of equal elements; {@link ArrayRef#elements} and {@link ArrayRef#write} set each.
     *
     * @param type a number of the engine, which the store then keeps
     * @param length less than 2³²
     * @param initial value of all elements, as in {@link #newStruct}
     * @throws IllegalArgumentException if it is no type of arrays, or the value does not fit, or the length is none
     * @throws LimitExceededException as {@link #newStruct}
     */
    ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial);

    /**
     * An array of numbers or vectors with the bytes of a segment: see {@link ArrayRef#read}.
     *
     * @throws IllegalArgumentException if it is no type of such arrays, or the size is no multiple of an element's
     * @throws LimitExceededException as {@link #newStruct}
     */
    ArrayRef newArray(HeapType.Concrete type, MemorySegment elements);

    /** The references to structures and arrays that Java gets from now on are of this scope, until it is closed. */
    ReferenceScope openScope();

    /** The structures and arrays of the guests. */
    Heap heap();

    /**
     * Refuses new calls, asks a running call to stop, waits for it, and frees everything; then what is attached is
     * closed. Called from inside a host function of this store it only marks the store: the outermost call frees it when
     * it returns. Waits for at most about ten seconds, for a call that does not end or memory that a read of another
     * thread has in use; what is left is then done as soon as it can be, by another thread. Idempotent.
     */
    @Override
    void close();
}
