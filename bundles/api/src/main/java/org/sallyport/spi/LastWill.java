package org.sallyport.spi;

import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * What is given back to the operating system when an object that holds it, the testator, was not closed and nobody can
 * reach it any more; also if that is so because nobody can reach its class loader any more. Therefore a will is data of
 * the JDK's types, and carried out by a thread that all copies of Sallyport share and whose classes are of none of them
 * (docs/decisions/forgotten-engines.md).
 *
 * <p>Arrays in a will are the testator's own, who goes on changing them.
 */
public final class LastWill {
    // as org.sallyport.steward.Estate has it
    private static final int HEIR = 0;
    private static final int WARNING = 1;
    private static final int SYSCALL = 2;
    private static final int EVERYTHING = 3;
    private static final int PAGE = 4;
    private static final int RESERVED = 5;
    private static final int FILES = 6;
    private static final int COUNTS = 7;
    private static final int CONTENTS = 8;

    private final @Nullable Object[] contents = new Object[CONTENTS];

    /**
     * An empty will.
     *
     * @param syscall the C function {@code syscall}: a segment for {@code errno}, the number, and five or six {@code long}
     */
    public LastWill(MethodHandle syscall) {
        contents[SYSCALL] = syscall;
    }

    /**
     * Who gives back in the ordinary way if he can still be reached when the testator cannot. Then nothing else in the
     * will counts. Runs on a thread of its own.
     *
     * @param heir does not lead to the testator; something that goes with the class loader keeps him
     */
    public LastWill withHeir(Runnable heir) {
        contents[HEIR] = new WeakReference<>(heir);
        return this;
    }

    /** What is logged when the data has been given back. */
    public LastWill withWarning(String warning) {
        contents[WARNING] = warning;
        return this;
    }

    /**
     * Unmaps reservations.
     *
     * @param reserved four words for each: address, size, number of mappings, and 1 for those that stay for ever, else
     *     another number; an address of 0 where there is none
     */
    public LastWill withReservations(AtomicReference<long[]> reserved, ProcessPage page) {
        contents[RESERVED] = reserved;
        contents[PAGE] = page.address();
        contents[EVERYTHING] = NativeMemory.all();
        return this;
    }

    /** Closes descriptors. @param files with -1 where there is none */
    public LastWill withFiles(AtomicReference<int[]> files) {
        contents[FILES] = files;
        return this;
    }

    /**
     * Gives back what is charged to the process.
     *
     * @param held numbers, in turn with {@code long[]}: the addresses of the process's counters for them, or 0
     */
    LastWill withCounts(Object... held) {
        contents[COUNTS] = held;
        contents[EVERYTHING] = NativeMemory.all();
        return this;
    }

    /**
     * Gives back what an engine has charged to the process.
     *
     * @param mappings one number, charged besides
     */
    public LastWill withCharges(ResourceAccount engine, AtomicLongArray mappings) {
        return engine.bequeath(this, mappings);
    }

    /**
     * Puts the will into force.
     *
     * @return takes it back; says whether it had not been carried out
     */
    public BooleanSupplier of(Object testator) {
        return Stewards.take((MethodHandle) contents[SYSCALL], testator, contents);
    }
}
