package org.sallyport.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;

/**
 * Address space as plain lists of reservations and of what is accessible in each, inside of one large mapping that the
 * test never changes: fast, it knows what may be done where, and it refuses when it is told to.
 */
final class ListedMemory implements VirtualMemory {
    private static final long SPACE = 1L << 40;
    private static final int PAGE = 4096;

    private static final class Reservation {
        final long address;
        final long size;
        final int mappings;
        /** Disjoint, ascending: pairs of begin and end of what is accessible. */
        final List<long[]> accessible = new ArrayList<>();
        /** What pages of files become again when they are discarded. */
        final TreeMap<Long, byte[]> ofFiles = new TreeMap<>();

        Reservation(long address, long size, int mappings) {
            this.address = address;
            this.size = size;
            this.mappings = mappings;
        }

        void set(long from, long to, boolean access) {
            List<long[]> rest = new ArrayList<>();
            for (long[] range : accessible) {
                addPart(rest, range[0], Math.min(range[1], from));
                addPart(rest, Math.max(range[0], to), range[1]);
            }
            if (access) {
                addPart(rest, from, to);
            }
            rest.sort((a, b) -> Long.compare(a[0], b[0]));
            accessible.clear();
            for (long[] range : rest) {
                if (!accessible.isEmpty() && accessible.getLast()[1] == range[0]) {
                    accessible.getLast()[1] = range[1];
                } else {
                    accessible.add(range);
                }
            }
        }

        private static void addPart(List<long[]> parts, long from, long to) {
            if (from < to) {
                parts.add(new long[] {from, to});
            }
        }

        boolean isAccessible(long from, long to) {
            return accessible.stream().anyMatch(range -> range[0] <= from && to <= range[1]);
        }
    }

    private final LinuxMemory real = new LinuxMemory(ResourceAccount.root(Invariants.MUCH));
    private final ResourceAccount account;
    private final long start = real.reserve(SPACE);
    private final List<Reservation> reservations = new ArrayList<>();
    private final Map<Integer, byte[]> files = new HashMap<>();
    private int lastFile;
    /** Every so-manieth request is refused; 0 for none. */
    int refuseEvery;
    private int requests;
    int refused;

    ListedMemory(ResourceAccount account) {
        this.account = account;
        if (!real.protect(start, SPACE, Access.READ_WRITE)) {
            throw new AssertionError("no address space for the test");
        }
    }

    void close() {
        real.release(start, SPACE);
    }

    private boolean refuses() {
        if (refuseEvery == 0 || ++requests % refuseEvery != 0) {
            return false;
        }
        refused++;
        return true;
    }

    @Override
    public int pageSize() {
        return PAGE;
    }

    @Override
    public ResourceAccount account() {
        return account;
    }

    @Override
    public long reserve(long bytes, int mappings) {
        if (refuses()) {
            throw new LimitExceededException("address space", bytes, 0, "the test");
        }
        account.charge(Kind.ADDRESS_SPACE, bytes);
        try {
            account.charge(Kind.MAPPINGS, mappings);
        } catch (LimitExceededException e) {
            account.giveBack(Kind.ADDRESS_SPACE, bytes);
            throw e;
        }
        long at = start;
        int i = 0;
        while (i < reservations.size() && reservations.get(i).address - at < bytes) {
            at = reservations.get(i).address + reservations.get(i).size;
            i++;
        }
        if (at + bytes > start + SPACE) {
            throw new AssertionError("the test needs more address space");
        }
        reservations.add(i, new Reservation(at, bytes, mappings));
        return at;
    }

    private Reservation around(long address, long bytes) {
        for (Reservation r : reservations) {
            if (address >= r.address && address + bytes <= r.address + r.size) {
                return r;
            }
        }
        throw new AssertionError("0x" + Long.toHexString(address) + " + " + bytes + " is in no reservation");
    }

    @Override
    public boolean protect(long address, long bytes, Access access) {
        if (bytes == 0) {
            return true;
        }
        Reservation r = around(address, bytes);
        if (refuses()) {
            return false;
        }
        r.set(address, address + bytes, access != Access.NONE);
        return true;
    }

    @Override
    public boolean moveOver(long from, long bytes, long to, Access access) {
        throw new AssertionError("only code is moved");
    }

    @Override
    public boolean discard(long address, long bytes) {
        if (bytes == 0) {
            return true;
        }
        Reservation r = around(address, bytes);
        if (!r.isAccessible(address, address + bytes)) {
            throw new AssertionError("discards what is not accessible");
        }
        if (refuses() || !real.discard(address, bytes)) {
            return false;
        }
        r.ofFiles.subMap(address, address + bytes).forEach((page, content) -> NativeMemory.write(page, content, 0, PAGE));
        return true;
    }

    @Override
    public boolean decommit(long address, long bytes) {
        if (bytes == 0) {
            return true;
        }
        Reservation r = around(address, bytes);
        if (refuses()) {
            return false;
        }
        empty(r, address, address + bytes);
        r.ofFiles.subMap(address, address + bytes).clear();
        r.set(address, address + bytes, false);
        return true;
    }

    private void empty(Reservation r, long from, long to) {
        for (long[] range : r.accessible) {
            long begin = Math.max(range[0], from);
            long end = Math.min(range[1], to);
            if (begin < end && !real.discard(begin, end - begin)) {
                throw new AssertionError("the system refuses to empty pages");
            }
        }
    }

    @Override
    public void release(long address, long bytes) {
        Reservation r = around(address, bytes);
        if (r.address != address || r.size != bytes) {
            throw new AssertionError("a part of a reservation is released");
        }
        empty(r, address, address + bytes);
        reservations.remove(r);
        account.giveBack(Kind.MAPPINGS, r.mappings);
        account.giveBack(Kind.ADDRESS_SPACE, bytes);
    }

    @Override
    public void keepForEver(long address) {
        throw new AssertionError("no handlers here");
    }

    @Override
    public void bequeath() {
        throw new AssertionError("no engine here");
    }

    @Override
    public int newFile(byte[] content) {
        if (refuses()) {
            return -1;
        }
        files.put(++lastFile, Arrays.copyOf(content, (int) pages(content.length)));
        return lastFile;
    }

    private byte[] file(int number) {
        byte[] content = files.get(number);
        if (content == null) {
            throw new AssertionError("file " + number + " is not open");
        }
        return content;
    }

    @Override
    public boolean mapFile(int file, long address, long bytes) {
        Reservation r = around(address, bytes);
        if (!r.isAccessible(address, address + bytes)) {
            throw new AssertionError("maps where nothing is accessible");
        }
        if (refuses()) {
            return false;
        }
        NativeMemory.write(address, file(file), 0, (int) bytes);
        for (int at = 0; at < bytes; at += PAGE) {
            r.ofFiles.put(address + at, Arrays.copyOfRange(file(file), at, at + PAGE));
        }
        return true;
    }

    @Override
    public boolean readFile(int file, long offset, long address, long bytes) {
        if (refuses()) {
            return false;
        }
        NativeMemory.write(address, file(file), (int) offset, (int) bytes);
        return true;
    }

    @Override
    public void closeFile(int file) {
        file(file);
        files.remove(file);
    }

    @Override
    public int openPageFlags() {
        return newFile(new byte[0]);
    }

    /** All pages that are not zero, or more than enough. */
    @Override
    public int @Nullable [] writtenPages(int pageFlags, long address, long bytes, int most) {
        file(pageFlags);
        int pages = (int) (bytes / PAGE);
        if (refuses() || pages > most) {
            return null;
        }
        int[] all = new int[pages];
        Arrays.setAll(all, i -> i);
        return all;
    }

    int openFiles() {
        return files.size();
    }

    boolean isAccessible(long address, long bytes) {
        return around(address, bytes).isAccessible(address, address + bytes);
    }

    void eachRange(LinuxMemory.Ranges ranges) {
        reservations.forEach(r -> ranges.add("reservation", r.address, r.size));
    }

    @Override
    public Usage usage() {
        return new Usage(reservations.size(), reservations.stream().mapToLong(r -> r.size).sum());
    }

    @Override
    public ProcessPage processPage() {
        throw new UnsupportedOperationException();
    }
}
