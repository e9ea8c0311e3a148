package org.sallyport.engine.types;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;

/**
 * Types that come from an embedder instead of a validated module: checked where they come in. A concrete heap type in
 * them is one of the engine's numbers ({@link org.sallyport.Engine#typeDefinition}), which stands for something only as
 * long as a module or store holds it; so nobody keeps such a number without {@linkplain TypeCanon#retain holding} it or
 * asking again. Thread-safe.
 */
public final class HostTypes {
    /** What {@link #plainId} says of a type that names numbers. */
    public static final int NAMES_NUMBERS = -1;

    private final TypeCanon types;
    private final LoadLimits limits;
    /** Types that name no numbers, which the program's text bounds: they stay registered. */
    private final Map<FuncType, Integer> plain = new ConcurrentHashMap<>();

    public HostTypes(TypeCanon types, LoadLimits limits) {
        this.types = types;
        this.limits = limits;
    }

    /** The number of a type that names no numbers, for as long as the engine lives; else {@link #NAMES_NUMBERS}. */
    public int plainId(FuncType type) {
        if (namesNumbers(type.params()) || namesNumbers(type.results())) {
            return NAMES_NUMBERS;
        }
        Integer known = plain.get(type);
        if (known == null) {
            synchronized (plain) { // one number for each
                known = plain.get(type);
                if (known == null) {
                    known = types.register(type);
                    plain.put(type, known);
                }
            }
        }
        return known;
    }

    private static boolean namesNumbers(List<ValType> types) {
        for (ValType type : types) {
            if (type instanceof RefType ref && ref.heap() instanceof HeapType.Concrete) {
                return true;
            }
        }
        return false;
    }

    // ---- checks

    /**
     * @param what the thing of that type, for the message
     * @throws IllegalArgumentException if the type names a number that stands for nothing in this engine
     * @throws org.sallyport.LimitExceededException if it has more parameters or results than a module's may have
     */
    public void check(String what, FuncType type) {
        limits.check(Limit.PARAMS, type.params().size(), Printable.name(what));
        limits.check(Limit.RESULTS, type.results().size(), Printable.name(what));
        for (int i = 0; i < type.params().size(); i++) {
            known(what, "parameter", i, type.params().get(i));
        }
        for (int i = 0; i < type.results().size(); i++) {
            known(what, "result", i, type.results().get(i));
        }
    }

    /**
     * @param what has a value of the type, for the message
     * @throws IllegalArgumentException if the type names a number that stands for nothing in this engine
     */
    public void check(RefType type, String what) {
        known(type, what, "");
    }

    private void known(String what, String part, int index, ValType type) {
        if (type instanceof RefType ref) {
            known(ref, what, " in " + part + " " + index);
        }
    }

    private void known(RefType type, String what, String where) {
        if (type.heap() instanceof HeapType.Concrete(int number) && !types.isKnown(number)) {
            throw new IllegalArgumentException(type + where + " of " + Printable.name(what) + ": " + number
                    + " is the number of no type definition of this engine. Concrete types name numbers of the engine, as"
                    + " the types of a module's imports and exports do while the module or a store of it is open; see"
                    + " Engine.typeDefinition");
        }
    }

    /** @throws IllegalArgumentException if no module could have a table of the type, or as for functions */
    public void check(TableType type) {
        known(type.element(), "a table", "");
        ordered("a table", type.limits());
        if (type.address() == AddressType.I32) {
            atMost(0xFFFF_FFFFL, "a table", type.limits());
        }
    }

    /** @throws IllegalArgumentException if the type names a number that stands for nothing in this engine */
    public void check(GlobalType type) {
        if (type.type() instanceof RefType ref) {
            known(ref, "a global", "");
        }
    }

    /** @throws IllegalArgumentException if no module could have a memory of the type */
    public void check(MemoryType type) {
        int log2 = type.pageSizeLog2();
        if (log2 != 0 && log2 != MemoryType.PAGE_SIZE_LOG2) {
            throw new IllegalArgumentException("a memory with pages of 1 << " + log2 + " bytes; a page is 1 or 65536 bytes");
        }
        ordered("a memory", type.limits());
        int pages = (type.address() == AddressType.I32 ? 32 : 64) - log2;
        if (pages < 64) {
            atMost(pages == 32 ? 0xFFFF_FFFFL : 1L << pages, "a memory", type.limits());
        }
        if (type.shared() && !type.limits().hasMax()) {
            throw new IllegalArgumentException("a shared memory without a maximum: " + type.limits());
        }
    }

    private static void ordered(String what, Limits limits) {
        if (limits.hasMax() && Long.compareUnsigned(limits.min(), limits.max()) > 0) {
            throw new IllegalArgumentException(what + " with a minimum above its maximum: " + limits);
        }
    }

    private static void atMost(long most, String what, Limits limits) {
        if (Long.compareUnsigned(limits.min(), most) > 0
                || limits.hasMax() && Long.compareUnsigned(limits.max(), most) > 0) {
            throw new IllegalArgumentException(
                    what + " of " + limits + "; its size must be at most " + Long.toUnsignedString(most));
        }
    }
}
