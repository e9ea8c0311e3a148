package org.sallyport.store;

import java.util.Objects;

import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.MachineTable;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.TableType;

/**
 * The tables of one store, under its limit of elements. Small tables lie in the store's arena, larger ones in pages of
 * their own; a table that outgrows its place moves to one twice as large, and its definition tells compiled code where
 * it is.
 */
final class TableManager {
    private static final int IN_ARENA = 1024;

    private final VirtualMemory virtual;
    private final Arena arena;
    private final long limit;
    private final int most;
    private int count;
    private long total;

    TableManager(VirtualMemory virtual, Arena arena, StoreLimits limits) {
        this.most = limits.tables();
        this.virtual = virtual;
        this.arena = arena;
        this.limit = limits.tableElements();
    }

    MachineTable make(TableType type, long initial) {
        if (count >= most) {
            throw new LimitExceededException("tables", count + 1L, most, "StoreLimits.tables");
        }
        Tab table = new Tab(type, arena.allocate(VmLayout.TABLE_DEF_SIZE));
        table.grow(type.limits().min(), initial);
        count++;
        return table;
    }

    int count() {
        return count;
    }

    long total() {
        return total;
    }

    private static long maxElements(TableType type) {
        long most = type.address() == AddressType.I32 ? 0xFFFF_FFFFL : -1L;
        return type.limits().hasMax() && Long.compareUnsigned(type.limits().max(), most) < 0
                ? type.limits().max()
                : most;
    }

    private final class Tab implements MachineTable {
        private final TableType type;
        private final long definition;
        private long base;
        private long capacity;
        private long length;

        Tab(TableType type, long definition) {
            this.type = type;
            this.definition = definition;
        }

        @Override
        public TableType type() {
            return type;
        }

        @Override
        public long definition() {
            return definition;
        }

        @Override
        public long size() {
            return length;
        }

        @Override
        public long get(long index) {
            return NativeMemory.getLong(base + (Objects.checkIndex(index, length) << 3));
        }

        @Override
        public void set(long index, long reference) {
            NativeMemory.putLong(base + (Objects.checkIndex(index, length) << 3), reference);
        }

        @Override
        public void write(long start, long[] references, int from, int count) {
            Objects.checkFromIndexSize(from, count, references.length);
            Objects.checkFromIndexSize(start, count, length);
            NativeMemory.write(base + (start << 3), references, from, count);
        }

        @Override
        public void fill(long start, long count, long reference) {
            Objects.checkFromIndexSize(start, count, length);
            fillWords(base + (start << 3), count, reference);
        }

        @Override
        public void copy(long start, ReferenceTable source, long sourceStart, long count) {
            Tab from = (Tab) source;
            Objects.checkFromIndexSize(sourceStart, count, from.length);
            Objects.checkFromIndexSize(start, count, length);
            NativeMemory.copy(from.base + (sourceStart << 3), base + (start << 3), count << 3);
        }

        @Override
        public long grow(long elements, long initial) {
            long old = length;
            if (Long.compareUnsigned(elements, maxElements(type) - old) > 0) {
                return -1;
            }
            if (Long.compareUnsigned(elements, limit - total) > 0) {
                long asked = elements < 0 ? Long.MAX_VALUE : Math.max(total + elements, elements);
                throw new LimitExceededException("table elements", asked, limit, "StoreLimits.tableElements");
            }
            if (elements > capacity - old) {
                move(old + elements);
            }
            fillWords(base + (old << 3), elements, initial);
            length += elements;
            total += elements;
            NativeMemory.putLong(definition + VmLayout.TABLE_DEF_BASE, base);
            NativeMemory.putLong(definition + VmLayout.TABLE_DEF_LENGTH, length);
            return old;
        }

        private void move(long needed) {
            long most = Math.max(needed, length == 0 ? 0 : Math.min(2 * length, limit));
            boolean small = most <= IN_ARENA;
            long size = virtual.pages(most << 3);
            long place = small ? arena.allocate(most << 3) : arena.map(size);
            NativeMemory.copy(base, place, length << 3);
            if (capacity > IN_ARENA) {
                arena.unmap(base, capacity << 3);
            }
            base = place;
            capacity = small ? most : size >>> 3;
        }

        private static void fillWords(long address, long words, long value) {
            if (value == 0) {
                NativeMemory.fill(address, words << 3, (byte) 0);
                return;
            }
            for (long i = 0; i < words; i++) {
                NativeMemory.putLong(address + (i << 3), value);
            }
        }
    }
}
