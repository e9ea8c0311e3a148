package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.MachineTable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Usage;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.WasmModule;

class PoolingAllocatorTest {
    private static final int PAGE = 64 << 10;
    private static final StoreLimits LIMITS = StoreLimits.DEFAULT;

    private final ResourceAccount process = ResourceAccount.root(Invariants.MUCH);
    private final LinuxMemory virtual = new LinuxMemory(process);
    private final PoolingAllocator allocator = new PoolingAllocator(virtual, 2);
    private final ResourceAccount engine = process.newEngine(EngineLimits.DEFAULT);
    private final List<ResourceAccount> owners = new ArrayList<>();
    private final List<StoreMemory> stores = new ArrayList<>();

    private StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks) {
        return open(allocator, limits, explicitBoundsChecks);
    }

    private StoreMemory open(PoolingAllocator from, StoreLimits limits, boolean explicitBoundsChecks) {
        ResourceAccount owner = engine.newOwner();
        owners.add(owner);
        StoreMemory store = from.open(limits, explicitBoundsChecks, owner);
        stores.add(store);
        return store;
    }

    private static MemoryType memory(long min, long max) {
        return MemoryType.of(Limits.between(min, max));
    }

    private static TableType table(long min, long max) {
        return new TableType(AddressType.I32, Limits.between(min, max), RefType.FUNCREF);
    }

    @AfterEach
    void nothingIsLeft() {
        Invariants.check(virtual, process, List.of(allocator), stores);
        owners.forEach(ResourceAccount::close);
        engine.close();
        allocator.trim();
        Invariants.nothingIsLeft(virtual, process);
    }

    @Test
    void contextAndStackAreFresh() {
        long context;
        try (StoreMemory store = open(LIMITS, false)) {
            context = store.context();
            NativeMemory.putLong(context + StoreContext.FUEL, 7);
            NativeMemory.putLong(store.stackTop() - 8, 42);
            NativeMemory.putLong(store.stackLimit() - 8, 43);
            assertThat(store.stackTop() - store.stackLimit()).isEqualTo(LIMITS.stackBytes());
            assertThat(store.stackLimit() - store.stackEnd()).isGreaterThanOrEqualTo(64 << 10);
            assertThat(store.stackTop() % 16).isZero();
        }
        try (StoreMemory again = open(LIMITS, false)) {
            assertThat(again.context()).as("comes from the pool").isEqualTo(context);
            assertThat(NativeMemory.getLong(context + StoreContext.FUEL)).isZero();
            assertThat(NativeMemory.getLong(again.stackTop() - 8)).isZero();
            assertThat(NativeMemory.getLong(again.stackLimit() - 8)).isZero();
        }
    }

    @Test
    void memoryGrowsInPlaceAndIsFreshAgain() {
        long base;
        try (StoreMemory store = open(LIMITS, false)) {
            MachineMemory memory = store.newMemory(memory(1, 3));
            base = memory.base();
            assertThat(NativeMemory.getLong(memory.definition())).isEqualTo(PAGE);
            NativeMemory.putLong(base + PAGE - 8, -1);
            assertThat(memory.grow(2)).isEqualTo(1);
            assertThat(memory.grow(1)).isEqualTo(-1);
            assertThat(memory.grow(0)).isEqualTo(3);
            assertThat(memory.base()).isEqualTo(base);
            assertThat(NativeMemory.getLong(memory.definition())).isEqualTo(3 * PAGE);
            NativeMemory.putLong(base + 3 * PAGE - 8, -1);
            assertThat(store.memoryBytes()).isEqualTo(3 * PAGE);
            assertThat(store.isGuarded(base + (8L << 30))).isTrue();
            assertThat(store.isGuarded(base - 1)).isTrue();
            assertThat(store.isGuarded(base - MemoryManager.GAP - 1)).isFalse();
        }
        try (StoreMemory store = open(LIMITS, false)) {
            MachineMemory memory = store.newMemory(memory(3, 3));
            assertThat(memory.base()).as("comes from the pool").isEqualTo(base);
            assertThat(NativeMemory.getLong(base + PAGE - 8)).isZero();
            assertThat(NativeMemory.getLong(base + 3 * PAGE - 8)).isZero();
        }
    }

    @Test
    void limitsHoldOverAllMemories() {
        try (StoreMemory store = open(LIMITS.withMemoryBytes(4 * PAGE), false)) {
            store.newMemory(memory(2, 10));
            MachineMemory second = store.newMemory(memory(1, 10));
            assertThat(second.grow(1)).isEqualTo(1);
            assertThatThrownBy(() -> second.grow(1))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessage("memory bytes limit: asked for " + 5 * PAGE + ", allowed " + 4 * PAGE
                            + " (set by StoreLimits.memoryBytes)");
            Usage before = virtual.usage();
            assertThatThrownBy(() -> store.newMemory(memory(1, 1))).isInstanceOf(LimitExceededException.class);
            assertThat(virtual.usage().bytes()).as("a refused memory keeps nothing but its pool's place")
                    .isLessThanOrEqualTo(before.bytes() + MemoryManager.GUARDED);
            assertThat(store.memoryBytes()).isEqualTo(4 * PAGE);
        }
    }

    @Test
    void explicitlyCheckedMemoriesReserveWhatTheyMayBecome() {
        try (StoreMemory store = open(LIMITS.withMemoryBytes(100 * PAGE), true)) {
            long before = virtual.usage().bytes();
            MachineMemory memory = store.newMemory(memory(1, 10));
            assertThat(virtual.usage().bytes() - before).isEqualTo(10 * PAGE + virtual.pageSize());
            assertThat(memory.grow(9)).isEqualTo(1);
            NativeMemory.putByte(memory.base() + 10 * PAGE - 1, (byte) 1);
        }
    }

    /** What ShareAddresses of the compiler relies on. */
    @Test
    void guardedMemoriesKeepAGapBeforeThemAndBelowFourGibibytes() throws Exception {
        try (StoreMemory store = open(LIMITS.withMemoryBytes(8L << 30), false)) {
            MachineMemory memory = store.newMemory(memory(1, 65536));
            String before = Long.toHexString(memory.base() - MemoryManager.GAP) + "-" + Long.toHexString(memory.base());
            assertThat(java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/maps")))
                    .as("nothing of the %s before the base is accessible", MemoryManager.GAP)
                    .anyMatch(line -> line.startsWith(before) && line.contains("---p"));
            assertThat(memory.grow(65535)).as("would reach 4 GiB").isEqualTo(-1);
            assertThatThrownBy(() -> store.newMemory(memory(65536, 65536)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("65535 pages");
        }
    }

    @Test
    void largeAndOddMemoriesKeepTheirTypes() {
        try (StoreMemory store = open(LIMITS.withMemoryBytes(1 << 20), false)) {
            MachineMemory bytes = store.newMemory(new MemoryType(AddressType.I32, Limits.atLeast(5), false, 0));
            assertThat(bytes.byteSize()).isEqualTo(5);
            assertThat(bytes.grow(4092)).isEqualTo(5);
            assertThat(bytes.byteSize()).isEqualTo(4097);
            NativeMemory.putByte(bytes.base() + 4096, (byte) 1);
            MachineMemory large = store.newMemory(new MemoryType(AddressType.I64, Limits.atLeast(1), false, 16));
            assertThat(large.grow(-1)).isEqualTo(-1);
            assertThat(large.grow(1L << 48)).isEqualTo(-1);
            assertThatThrownBy(() -> large.grow(1L << 47)).isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> large.grow(16)).isInstanceOf(LimitExceededException.class);
            assertThat(large.grow(14)).isEqualTo(1);
        }
    }

    @Test
    void emptyMemoriesAreMemories() {
        try (StoreMemory store = open(LIMITS.withMemoryBytes(0), true)) {
            MachineMemory memory = store.newMemory(memory(0, 0));
            assertThat(memory.byteSize()).isZero();
            assertThat(memory.grow(0)).isZero();
            assertThat(memory.grow(1)).isEqualTo(-1);
        }
    }

    @Test
    void tablesMoveWhenTheyGrow() {
        try (StoreMemory store = open(LIMITS, false)) {
            MachineTable table = store.newTable(table(2, 100_000), 5);
            assertThat(table.get(1)).isEqualTo(5);
            table.set(0, 77);
            assertThat(table.grow(1000, 0)).isEqualTo(2);
            assertThat(table.grow(50_000, 9)).isEqualTo(1002);
            assertThat(table.grow(1, 8)).isEqualTo(51_002);
            assertThat(table.get(0)).isEqualTo(77);
            assertThat(table.get(1)).isEqualTo(5);
            assertThat(table.get(1001)).isZero();
            assertThat(table.get(51_001)).isEqualTo(9);
            assertThat(table.get(51_002)).isEqualTo(8);
            long base = NativeMemory.getLong(table.definition() + VmLayout.TABLE_DEF_BASE);
            assertThat(NativeMemory.getLong(base)).isEqualTo(77);
            assertThat(NativeMemory.getLong(table.definition() + VmLayout.TABLE_DEF_LENGTH)).isEqualTo(51_003);
            assertThat(table.grow(48_998, 0)).isEqualTo(-1);
            assertThat(store.tableElements()).isEqualTo(51_003);
        }
    }

    @Test
    void tableRangesAreChecked() {
        try (StoreMemory store = open(LIMITS.withTableElements(20), false)) {
            MachineTable table = store.newTable(table(10, 10), 0);
            MachineTable other = store.newTable(table(3, 100), 4);
            assertThatThrownBy(() -> table.get(10)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.set(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.fill(8, 3, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.copy(8, other, 0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> table.copy(0, other, 1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
            table.copy(7, other, 0, 3);
            table.fill(0, 2, 1);
            table.copy(1, table, 0, 9);
            assertThat(List.of(table.get(0), table.get(1), table.get(2), table.get(3), table.get(8), table.get(9)))
                    .containsExactly(1L, 1L, 1L, 0L, 4L, 4L);
            assertThatThrownBy(() -> other.grow(8, 0))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.tableElements");
            assertThat(other.grow(7, 0)).isEqualTo(3);
        }
    }

    @Test
    void instancesAreCountedAndTheirContextsLinked() {
        WasmModule module = new WasmModule(
                new byte[0], List.of(), List.of(), List.of(), new int[0], List.of(), List.of(), List.of(), List.of(),
                List.of(), WasmModule.NO_START, List.of(), List.of(), -1, List.of(), List.of(), WasmModule.Range.EMPTY,
                new Names(null, Map.of()));
        VmLayout layout = new VmLayout(module, new int[0]);
        try (StoreMemory store = open(LIMITS.withInstances(1), false)) {
            long vmctx = store.newInstance(layout);
            assertThat(NativeMemory.getLong(vmctx + VmLayout.STORE)).isEqualTo(store.context());
            assertThat(NativeMemory.getLong(vmctx + VmLayout.STACK_LIMIT)).isEqualTo(store.stackLimit());
            assertThatThrownBy(() -> store.newInstance(layout))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.instances");
        }
    }

    @Test
    void blocksAreZeroEachTime() {
        long last = 0;
        for (int round = 0; round < 3; round++) {
            try (StoreMemory store = open(LIMITS, false)) {
                for (int i = 0; i < 30; i++) {
                    long block = store.allocate(5000 + i);
                    for (int at = 0; at < 5000 + i; at += 8) {
                        assertThat(NativeMemory.getLong(block + at)).isZero();
                    }
                    NativeMemory.fill(block, 5000 + i, (byte) -1);
                    last = block;
                }
                NativeMemory.fill(store.allocate(100_000), 100_000, (byte) -1);
            }
        }
        assertThat(last).isNotZero();
    }

    @Test
    void imagesAreSharedUntilWritten() {
        byte[] content = new byte[10_000];
        java.util.Arrays.fill(content, (byte) 7);
        try (MemoryImage image = allocator.newImage(PAGE, content, engine)) {
            assertThat(image).isNotNull();
            assertThat(image.size()).isEqualTo(12_288);
            long base = 0;
            for (int i = 0; i < 3; i++) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(2, 2));
                    base = memory.base();
                    assertThat(memory.load(image)).isTrue();
                    assertThat(NativeMemory.getByte(base + PAGE - 1)).isZero();
                    assertThat(NativeMemory.getByte(base + PAGE)).isEqualTo((byte) 7);
                    assertThat(NativeMemory.getByte(base + PAGE + 9_999)).isEqualTo((byte) 7);
                    assertThat(NativeMemory.getByte(base + PAGE + 10_000)).isZero();
                    NativeMemory.fill(base, 2 * PAGE, (byte) 1);
                    MachineMemory small = store.newMemory(memory(1, 1));
                    assertThatThrownBy(() -> small.load(image)).isInstanceOf(IndexOutOfBoundsException.class);
                }
            }
            try (StoreMemory store = open(LIMITS, false)) {
                MachineMemory one = store.newMemory(memory(2, 2));
                MachineMemory other = store.newMemory(memory(2, 2));
                assertThat(base).as("comes from the pool").isIn(one.base(), other.base());
                assertThat(NativeMemory.getByte(base + PAGE)).as("nothing of the last tenant").isZero();
            }
        }
    }

    private MemoryImage image(long offset, int size, int value) {
        byte[] content = new byte[size];
        java.util.Arrays.fill(content, (byte) value);
        MemoryImage image = allocator.newImage(offset, content, engine);
        assertThat(image).isNotNull();
        return image;
    }

    private static void isFilled(long address, long size, int value) {
        for (long at = 0; at < size; at += 256) {
            assertThat(NativeMemory.getByte(address + at)).as("at %d", at).isEqualTo((byte) value);
        }
        assertThat(NativeMemory.getByte(address + size - 1)).isEqualTo((byte) value);
    }

    /** Few pages are put back one by one, many are thrown away. */
    @Test
    void whatTheLastUserWroteIsPutBack() {
        try (MemoryImage image = image(PAGE, 4 * PAGE, 7)) {
            long base = 0;
            for (int pages : new int[] {1, 3, MemoryPool.FEW - 1, MemoryPool.FEW + 1, 8 * PAGE / virtual.pageSize(), 1}) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(8, 8), image);
                    assertThat(memory.load(image)).isTrue();
                    assertThat(base).as("comes from the pool").isIn(0L, memory.base());
                    base = memory.base();
                    isFilled(base, PAGE, 0);
                    isFilled(base + PAGE, 4 * PAGE, 7);
                    isFilled(base + 5 * PAGE, 3 * PAGE, 0);
                    int each = 8 * PAGE / pages & -virtual.pageSize();
                    for (int i = 0; i < pages; i++) {
                        NativeMemory.fill(base + (long) i * each + 100, virtual.pageSize() - 100, (byte) 9);
                    }
                }
            }
        }
    }

    @Test
    void onlyTheSameImageIsThereAlready() {
        try (MemoryImage one = image(0, PAGE, 1); MemoryImage two = image(PAGE, PAGE, 2)) {
            for (MemoryImage image : new MemoryImage[] {one, one, two, two, null, one, null, two, null}) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(2, 2), image);
                    if (image != null) {
                        assertThat(memory.load(image)).isTrue();
                    }
                    isFilled(memory.base(), PAGE, image == one ? 1 : 0);
                    isFilled(memory.base() + PAGE, PAGE, image == two ? 2 : 0);
                    NativeMemory.fill(memory.base(), 2 * PAGE, (byte) 9);
                }
            }
        }
    }

    @Test
    void aMemoryHoldsOneImage() {
        try (MemoryImage one = image(0, PAGE, 1); MemoryImage two = image(PAGE, PAGE, 2)) {
            for (int i = 0; i < 3; i++) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(2, 2), one);
                    assertThat(memory.load(one)).isTrue();
                    isFilled(memory.base() + PAGE, PAGE, 0);
                    assertThat(memory.load(two)).as("would be another mapping").isFalse();
                    isFilled(memory.base(), PAGE, 1);
                    isFilled(memory.base() + PAGE, PAGE, 0);
                }
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(2, 2), two);
                    assertThat(memory.load(two)).isTrue();
                    isFilled(memory.base(), PAGE, 0);
                }
            }
        }
    }

    @Test
    void anImageThatIsNotLoadedAfterAllIsNotThere() {
        try (MemoryImage image = image(PAGE, PAGE, 1)) {
            for (boolean load : new boolean[] {true, false, true}) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(3, 3), image);
                    if (load) {
                        assertThat(memory.load(image)).isTrue();
                    }
                    memory.unload(); // nothing happens to what was loaded
                    isFilled(memory.base(), PAGE, 0);
                    isFilled(memory.base() + PAGE, PAGE, load ? 1 : 0);
                    NativeMemory.fill(memory.base(), 3 * PAGE, (byte) 9);
                }
            }
        }
    }

    /** A part that the system did not make accessible again must not stay so for the next user. */
    @Test
    void aRefusalWhenTheImageIsTakenAwayHurtsNobodyElse() {
        boolean[] refuse = {false};
        VirtualMemory refusing = (VirtualMemory) Proxy.newProxyInstance(
                VirtualMemory.class.getClassLoader(), new Class<?>[] {VirtualMemory.class}, (_, method, args) ->
                        refuse[0] && method.getName().equals("protect") ? false : method.invoke(virtual, args));
        PoolingAllocator pool = new PoolingAllocator(refusing, 2);
        byte[] content = new byte[PAGE];
        java.util.Arrays.fill(content, (byte) 1);
        long base = 0;
        try (MemoryImage image = pool.newImage(PAGE, content, engine)) {
            assertThat(image).isNotNull();
            for (boolean load : new boolean[] {true, false}) {
                try (StoreMemory store = open(pool, LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(3, 3), image);
                    base = memory.base();
                    if (load) {
                        assertThat(memory.load(image)).isTrue();
                    } else {
                        refuse[0] = true;
                        assertThatThrownBy(memory::unload).isInstanceOf(LimitExceededException.class);
                        refuse[0] = false;
                        assertThat(memory.byteSize()).as("nobody may touch what is not accessible").isZero();
                        assertThat(store.memoryBytes()).isZero();
                        assertThatThrownBy(() -> memory.grow(1)).isInstanceOf(LimitExceededException.class);
                    }
                }
            }
            try (StoreMemory store = open(pool, LIMITS, false)) {
                MachineMemory memory = store.newMemory(memory(3, 3));
                assertThat(memory.base()).as("comes from the pool").isEqualTo(base);
                assertThat(accessibleBytes(memory.base())).isEqualTo(3 * PAGE);
            }
        }
        pool.trim();
    }

    /** What a memory may not reach is not accessible, though the last one in its place could reach it. */
    @Test
    void aSmallerMemoryEndsWhereItEnds() {
        try (MemoryImage image = image(0, 2 * PAGE, 1)) {
            for (int pages : new int[] {3, 1, 2, 0, 3}) {
                try (StoreMemory store = open(LIMITS, false)) {
                    MachineMemory memory = store.newMemory(memory(pages, 4), pages >= 2 ? image : null);
                    if (pages >= 2) {
                        assertThat(memory.load(image)).isTrue();
                    }
                    assertThat(accessibleBytes(memory.base())).isEqualTo((long) pages * PAGE);
                    assertThat(memory.grow(1)).isEqualTo(pages);
                    assertThat(accessibleBytes(memory.base())).isEqualTo((long) (pages + 1) * PAGE);
                    isFilled(memory.base() + (long) pages * PAGE, PAGE, 0);
                    NativeMemory.fill(memory.base(), (pages + 1L) * PAGE, (byte) 9);
                }
            }
        }
    }

    /** As the system has it: mappings that begin at an address and follow each other, while they are writable. */
    private static long accessibleBytes(long address) {
        long end = address;
        try (var lines = java.nio.file.Files.lines(java.nio.file.Path.of("/proc/self/maps"))) {
            for (String line : (Iterable<String>) lines::iterator) {
                String[] words = line.split("[- ]", 4);
                if (Long.parseUnsignedLong(words[0], 16) == end && words[2].startsWith("rw")) {
                    end = Long.parseUnsignedLong(words[1], 16);
                }
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return end - address;
    }

    @Test
    void closedImagesAreNotKeptInThePool() throws Exception {
        MemoryImage image = image(0, PAGE, 1);
        StoreMemory inUse = open(LIMITS, false);
        inUse.newMemory(memory(1, 1), image).load(image);
        try (StoreMemory store = open(LIMITS, false)) {
            store.newMemory(memory(1, 1), image).load(image);
        }
        assertThat(mappedImages()).isEqualTo(2);
        image.close();
        assertThat(mappedImages()).as("that of the memory in use").isEqualTo(1);
        inUse.close();
        assertThat(mappedImages()).isZero();
    }

    private static long mappedImages() throws java.io.IOException {
        try (var lines = java.nio.file.Files.lines(java.nio.file.Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.endsWith("/memfd:sallyport (deleted)")).count();
        }
    }

    @Test
    void closingTwiceGivesBackOnce() {
        StoreMemory store = open(LIMITS, false);
        store.allocate(100_000);
        store.close();
        store.close();
        StoreMemory a = open(LIMITS, false);
        StoreMemory b = open(LIMITS, false);
        assertThat(a.context()).isNotEqualTo(b.context());
        assertThat(a.stackTop()).isNotEqualTo(b.stackTop());
        a.close();
        b.close();
    }

    @Test
    void whatThePoolCannotKeepIsReleased() {
        List<StoreMemory> stores = java.util.stream.IntStream.range(0, 5)
                .mapToObj(_ -> open(LIMITS, false))
                .toList();
        stores.forEach(s -> s.newMemory(memory(1, 1)));
        stores.forEach(StoreMemory::close);
        assertThat(virtual.usage().reservations()).isEqualTo(3 * 2);
    }
}
