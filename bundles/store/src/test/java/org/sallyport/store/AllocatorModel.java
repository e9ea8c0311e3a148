package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.MachineTable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

/**
 * Does random things with an allocator and keeps plain lists beside it: of every range of addresses that somebody has,
 * which must not overlap, and of what must be in it. Stores, blocks, memories, tables and images come and go in any
 * order; requests may be refused at any time.
 */
final class AllocatorModel {
    private static final int WASM_PAGE = 64 << 10;
    private static final int MOST_STORES = 10;

    private record Range(long address, long size) {}

    private record Image(MemoryImage image, byte value) {}

    private static final class Memory {
        final MachineMemory linear;
        /** What is loaded, or null. */
        @Nullable Image image;
        final Map<Long, Long> written = new TreeMap<>();
        Range listed;

        Memory(MachineMemory linear) {
            this.linear = linear;
            listed = new Range(linear.base(), linear.byteSize());
        }
    }

    private static final class Tab {
        final MachineTable table;
        long[] values;

        Tab(MachineTable table, long initial) {
            this.table = table;
            values = new long[(int) table.size()];
            Arrays.fill(values, initial);
        }
    }

    private final class Open {
        final ResourceAccount owner = engine.newOwner();
        final StoreMemory store;
        final List<Range> listed = new ArrayList<>();
        final List<Memory> memories = new ArrayList<>();
        final List<Tab> tables = new ArrayList<>();

        Open(int stack, boolean explicitChecks) {
            StoreMemory opened = null;
            try {
                opened = allocator.open(LIMITS.withStackBytes(stack), explicitChecks, owner);
            } finally {
                if (opened == null) {
                    owner.close();
                }
            }
            store = opened;
            list(store.stackEnd(), store.stackTop() - store.stackEnd());
            list(store.context(), StoreContext.SIZE);
            isZero(store.context(), StoreContext.SIZE);
            isZero(store.stackTop() - 64, 64);
            isZero(store.stackEnd(), 64);
            NativeMemory.fill(store.context(), StoreContext.SIZE, (byte) -1);
            NativeMemory.fill(store.stackTop() - 64, 64, (byte) -1);
            NativeMemory.fill(store.stackEnd(), 64, (byte) -1);
        }

        void list(long address, long size) {
            AllocatorModel.this.list(address, size);
            listed.add(new Range(address, size));
        }

        void close() {
            store.close();
            store.close();
            owner.close();
            listed.forEach(r -> unlist(r));
            memories.forEach(m -> unlist(m.listed));
        }
    }

    private static final StoreLimits LIMITS =
            StoreLimits.DEFAULT.withMemoryBytes(40 * WASM_PAGE).withTableElements(20_000).withMemories(5).withTables(8);

    private final VirtualMemory virtual;
    private final Consumer<LinuxMemory.Ranges> reservations;
    private final ResourceAccount process;
    private final ResourceAccount engine;
    private final PoolingAllocator allocator;
    private final Random random;
    private final List<Open> stores = new ArrayList<>();
    private final List<Image> images = new ArrayList<>();
    /** Everything that somebody has: begin and end. */
    private final TreeMap<Long, Long> all = new TreeMap<>();
    private byte lastImage;
    int refusals;

    AllocatorModel(VirtualMemory virtual, Consumer<LinuxMemory.Ranges> reservations, long seed) {
        this.virtual = virtual;
        this.reservations = reservations;
        process = virtual.account();
        engine = process.newEngine(EngineLimits.DEFAULT);
        allocator = new PoolingAllocator(virtual, 4);
        random = new Random(seed);
    }

    private void list(long address, long size) {
        if (size == 0) {
            return;
        }
        Map.Entry<Long, Long> below = all.floorEntry(address);
        Map.Entry<Long, Long> above = all.ceilingEntry(address);
        if (below != null && below.getValue() > address || above != null && above.getKey() < address + size) {
            throw new AssertionError("0x" + Long.toHexString(address) + " + " + size + " overlaps " + below + " or " + above);
        }
        all.put(address, address + size);
    }

    private void unlist(Range range) {
        if (range.size != 0) {
            assertThat(all.remove(range.address)).isEqualTo(range.address + range.size);
        }
    }

    private static void isZero(long address, long size) {
        for (long at = address; at < address + size; at += 8) {
            if (NativeMemory.getLong(at) != 0) {
                throw new AssertionError("not zero at 0x" + Long.toHexString(at));
            }
        }
    }

    // ---- steps

    void step() {
        try {
            if (stores.isEmpty()) {
                open();
                return;
            }
            Open store = stores.get(random.nextInt(stores.size()));
            switch (random.nextInt(20)) {
                case 0, 1 -> open();
                case 2 -> close();
                case 3, 4, 5, 6 -> allocate(store);
                case 7, 8 -> newMemory(store);
                case 9, 10, 11 -> useMemory(store);
                case 12 -> growMemory(store);
                case 13 -> newTable(store);
                case 14, 15 -> growTable(store);
                case 16, 17 -> useTable(store);
                case 18 -> changeImages();
                default -> {
                    if (random.nextInt(50) == 0) {
                        allocator.trim();
                    }
                }
            }
        } catch (LimitExceededException e) {
            refusals++;
        }
    }

    private void open() {
        if (stores.size() < MOST_STORES) {
            stores.add(new Open(random.nextBoolean() ? 1 << 16 : 1 << 17, random.nextInt(4) == 0));
        }
    }

    private void close() {
        stores.remove(random.nextInt(stores.size())).close();
    }

    private void allocate(Open store) {
        long bytes = random.nextInt(30) == 0 ? 16_000 + random.nextInt(50_000) : 1 + random.nextInt(2000);
        long block = store.store.allocate(bytes);
        assertThat(block % 16).isZero();
        store.list(block, bytes + 7 & -8L);
        isZero(block, bytes);
        NativeMemory.fill(block, bytes, (byte) -1);
    }

    private void newMemory(Open store) {
        Image image = images.isEmpty() || random.nextBoolean() ? null : images.get(random.nextInt(images.size()));
        long least = image == null ? random.nextInt(4) : 2 + random.nextInt(3);
        MemoryType type = switch (random.nextInt(6)) {
            case 0 -> new MemoryType(AddressType.I64, Limits.between(least, 20), false, 16);
            case 1 -> new MemoryType(AddressType.I32, Limits.between(least * 1000, 70_000), false, 0);
            default -> MemoryType.of(Limits.between(least, 20));
        };
        boolean fits = type.pageSizeLog2() == 16;
        MachineMemory linear = store.store.newMemory(type, image == null || !fits ? null : image.image);
        Memory memory = new Memory(linear);
        list(linear.base(), linear.byteSize());
        store.memories.add(memory);
        if (image != null && fits) {
            if (random.nextInt(4) == 0) {
                unload(memory);
            } else if (load(memory, image)) {
                memory.image = image;
            }
        }
        check(memory);
    }

    /** Whatever is refused then, the memory is as it was, or has no bytes. */
    private void unload(Memory memory) {
        try {
            memory.linear.unload();
        } catch (LimitExceededException e) {
            assertThat(memory.linear.byteSize()).isZero();
            relist(memory);
        }
    }

    private boolean load(Memory memory, Image image) {
        try {
            return memory.linear.load(image.image);
        } catch (LimitExceededException e) {
            assertThat(memory.linear.byteSize()).isZero();
            relist(memory);
            return false;
        }
    }

    private void relist(Memory memory) {
        unlist(memory.listed);
        memory.listed = new Range(memory.linear.base(), memory.linear.byteSize());
        memory.written.clear();
        list(memory.listed.address, memory.listed.size);
    }

    private void useMemory(Open store) {
        if (!store.memories.isEmpty()) {
            Memory memory = store.memories.get(random.nextInt(store.memories.size()));
            check(memory);
            long words = memory.linear.byteSize() / 8;
            for (int i = random.nextInt(random.nextInt(20) == 0 ? 100 : 4); i > 0 && words > 0; i--) {
                long at = random.nextLong(words) * 8;
                memory.written.put(at, random.nextLong());
                NativeMemory.putLong(memory.linear.base() + at, memory.written.get(at));
            }
        }
    }

    private void growMemory(Open store) {
        if (!store.memories.isEmpty()) {
            Memory memory = store.memories.get(random.nextInt(store.memories.size()));
            long old = memory.linear.byteSize();
            long more = random.nextInt(3);
            if (memory.linear.grow(more) >= 0) {
                long length = old + (more << memory.linear.type().pageSizeLog2());
                assertThat(memory.linear.byteSize()).isEqualTo(length);
                unlist(memory.listed);
                memory.listed = new Range(memory.linear.base(), length);
                list(memory.listed.address, memory.listed.size);
                check(memory);
            }
        }
    }

    /** At places that were written, and at some others. */
    private void check(Memory memory) {
        long base = memory.linear.base();
        long words = memory.linear.byteSize() / 8;
        if (virtual instanceof ListedMemory listed && words > 0) {
            assertThat(listed.isAccessible(base, virtual.pages(memory.linear.byteSize()))).isTrue();
        }
        for (var entry : memory.written.entrySet()) {
            check(base + entry.getKey(), entry.getValue());
        }
        for (int i = 0; i < 6 && words > 0; i++) {
            long at = (i == 0 ? words - 1 : random.nextLong(words)) * 8;
            if (!memory.written.containsKey(at)) {
                long loaded = memory.image != null && isIn(memory.image, at) ? memory.image.value & 0xFF : 0;
                check(base + at, loaded * 0x0101010101010101L);
            }
        }
    }

    private static boolean isIn(Image image, long at) {
        return at >= image.image.offset() && at < image.image.offset() + image.image.size();
    }

    private static void check(long address, long expected) {
        long found = NativeMemory.getLong(address);
        if (found != expected) {
            throw new AssertionError("at 0x" + Long.toHexString(address) + ": 0x" + Long.toHexString(found)
                    + ", expected 0x" + Long.toHexString(expected));
        }
    }

    private void newTable(Open store) {
        long least = random.nextInt(3) == 0 ? random.nextInt(2000) : random.nextInt(50);
        long initial = random.nextInt(2);
        Limits limits = Limits.between(least, least + random.nextInt(3000));
        TableType type = new TableType(AddressType.I32, limits, RefType.FUNCREF);
        store.tables.add(new Tab(store.store.newTable(type, initial), initial));
    }

    private void growTable(Open store) {
        if (!store.tables.isEmpty()) {
            Tab tab = store.tables.get(random.nextInt(store.tables.size()));
            int old = tab.values.length;
            int more = random.nextInt(random.nextInt(4) == 0 ? 2000 : 20);
            if (tab.table.grow(more, 7) >= 0) {
                tab.values = Arrays.copyOf(tab.values, old + more);
                Arrays.fill(tab.values, old, old + more, 7);
            }
            assertThat(tab.table.size()).isEqualTo(tab.values.length);
        }
    }

    private void useTable(Open store) {
        if (!store.tables.isEmpty()) {
            Tab tab = store.tables.get(random.nextInt(store.tables.size()));
            for (int i = 0; i < 10 && tab.values.length > 0; i++) {
                int at = random.nextInt(tab.values.length);
                if (tab.table.get(at) != tab.values[at]) {
                    throw new AssertionError("element " + at + ": " + tab.table.get(at) + ", expected " + tab.values[at]);
                }
                tab.values[at] = random.nextLong();
                tab.table.set(at, tab.values[at]);
            }
        }
    }

    private void changeImages() {
        if (images.size() < 4) {
            byte value = ++lastImage == 0 ? ++lastImage : lastImage;
            byte[] content = new byte[4096 * (1 + random.nextInt(16))];
            Arrays.fill(content, value);
            MemoryImage made = allocator.newImage(random.nextInt(2) * WASM_PAGE, content, engine);
            if (made != null) {
                images.add(new Image(made, value));
            }
        } else {
            MemoryImage gone = images.remove(random.nextInt(images.size())).image;
            gone.close();
            gone.close();
        }
    }

    // ---- what always holds

    void check() {
        Invariants.check(
                reservations, virtual, process, List.of(allocator), stores.stream().map(s -> s.store).toList());
        for (Kind kind : Kind.values()) {
            assertThat(engine.used(kind)).as("%s of stores and images", kind).isEqualTo(
                    stores.stream().mapToLong(s -> s.owner.used(kind)).sum() + usedByImages(kind));
        }
    }

    private long usedByImages(Kind kind) {
        return switch (kind) {
            case DESCRIPTORS -> images.size();
            case COMMITTED -> images.stream().mapToLong(i -> i.image.size()).sum();
            default -> 0;
        };
    }

    void end() {
        stores.forEach(Open::close);
        stores.clear();
        images.forEach(i -> i.image.close());
        images.clear();
        assertThat(all).isEmpty();
        check();
        allocator.trim();
        engine.close();
        check();
    }
}
