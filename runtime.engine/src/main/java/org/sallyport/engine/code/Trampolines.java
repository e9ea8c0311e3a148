package org.sallyport.engine.code;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.FuncType;

/**
 * The trampolines of one owner, a module or a store, one for each {@linkplain Shapes shape}; they go with their owner.
 * What a module needs in any case is mapped with its code; if that is much, and whatever is wanted later, is in a
 * {@link CodeArena}. Thread-safe once {@link #place} was called.
 */
public final class Trampolines {
    /** More than this is not mapped with a module's code. */
    private static final int FIRST = 64 << 10;

    private final CodeSpace space;
    private final CodeArena arena;

    // guarded by this
    private final Map<String, Long> entries = new HashMap<>();
    private final Map<String, Long> hosts = new HashMap<>();

    private record Waiting(String shape, byte[] code, boolean isEntry) {}

    /** Those that wait for their place, which is one for all. */
    private final class Lot {
        private final List<Waiting> list = new ArrayList<>();
        private int size;

        void add(String shape, byte[] code, boolean isEntry) {
            list.add(new Waiting(shape, code, isEntry));
            size += (int) CodeSpace.align(code.length);
        }

        byte[] bytes() {
            byte[] all = new byte[size];
            int at = 0;
            for (Waiting one : list) {
                System.arraycopy(one.code, 0, all, at, one.code.length);
                at += (int) CodeSpace.align(one.code.length);
            }
            return all;
        }

        public void place(long base) {
            long at = base;
            for (Waiting one : list) {
                known(one.isEntry).put(one.shape, at);
                at += CodeSpace.align(one.code.length);
            }
        }
    }

    private @Nullable Lot first;

    /** Without any yet. */
    public Trampolines(CodeSpace space, CodeShare share) {
        this.space = space;
        arena = new CodeArena(space, share);
    }

    /**
     * Makes those that an owner needs in any case.
     *
     * @param entered types of functions that hosts call
     * @param imported types of functions that may be the host's
     * @param check called every now and then; what it throws ends it
     * @return code that the owner maps, with its own or alone, and then says where ({@link #place})
     * @throws LimitExceededException if there is no place for them
     */
    public synchronized byte[] prepare(List<FuncType> entered, List<FuncType> imported, Runnable check) {
        Lot lot = new Lot();
        lot = prepare(entered, true, lot, check);
        lot = prepare(imported, false, lot, check);
        first = lot;
        return lot.bytes();
    }

    private Lot prepare(List<FuncType> types, boolean isEntry, Lot begun, Runnable check) {
        Lot lot = begun;
        Set<String> seen = new HashSet<>();
        for (FuncType type : types) {
            check.run();
            String shape = Shapes.of(type);
            if (seen.add(shape)) {
                lot.add(shape, code(shape, type, isEntry), isEntry);
                if (lot.size > FIRST) {
                    map(lot);
                    lot = new Lot();
                }
            }
        }
        return lot;
    }

    private byte[] code(String shape, FuncType type, boolean isEntry) {
        return isEntry ? space.trampolines().entry(shape, type) : space.trampolines().host(shape, type);
    }

    private Map<String, Long> known(boolean areEntries) {
        return areEntries ? entries : hosts;
    }

    private void map(Lot lot) {
        lot.place(arena.add(lot.size, _ -> lot.bytes()));
    }

    /** Where the code is that {@link #prepare} returned. */
    public synchronized void place(long base) {
        if (first != null) {
            first.place(base);
            first = null;
        }
    }

    /**
     * Address of the entry trampoline for a function type.
     *
     * @throws LimitExceededException if there is no place for it
     * @throws StoreClosedException if it would have to be made and the owner is closed
     */
    public long entry(FuncType type) {
        return find(type, true);
    }

    /**
     * Address of the host trampoline for a function type: the code of an imported host function.
     *
     * @throws LimitExceededException if there is no place for it
     * @throws StoreClosedException if it would have to be made and the owner is closed
     */
    public long host(FuncType type) {
        return find(type, false);
    }

    private synchronized long find(FuncType type, boolean isEntry) {
        String shape = Shapes.of(type);
        Long address = known(isEntry).get(shape);
        if (address == null) {
            byte[] code = code(shape, type, isEntry);
            address = arena.add(code.length, _ -> code);
            known(isEntry).put(shape, address);
        }
        return address;
    }

    /** Nothing runs in them any more. What was mapped with other code is not theirs. */
    public void close() {
        arena.close();
    }
}
