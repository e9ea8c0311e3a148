package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/**
 * The descriptors of a process by number; a new one gets the lowest number that is free, as POSIX has it. Limits both
 * their number and what they take of the operating system's descriptors.
 */
final class FdTable {
    private final List<@Nullable Descriptor> slots = new ArrayList<>();
    private final BitSet used = new BitSet();
    private final int max;
    private final ResourceAccount account;
    private int open;
    private int hostDescriptors;

    /**
     * @param max descriptors open at a time, the guest's and the host's
     * @param account charged for those of the host
     */
    FdTable(int max, ResourceAccount account) {
        this.max = max;
        this.account = account;
    }

    int size() {
        return open;
    }

    /** @throws ErrnoException {@code MFILE} if there are too many */
    void needRoom() throws ErrnoException {
        if (open >= max || hostDescriptors >= max) {
            throw Errno.MFILE.exception();
        }
    }

    /**
     * @param descriptor closed if this fails
     * @throws ErrnoException {@code MFILE} if there are too many, {@code NFILE} if the store or the process may not have
     *     more
     */
    int add(Descriptor descriptor) throws IOException {
        if (open >= max || descriptor.cost() > max - hostDescriptors) {
            descriptor.close();
            throw Errno.MFILE.exception();
        }
        try {
            account.charge(Kind.DESCRIPTORS, descriptor.cost());
        } catch (LimitExceededException e) {
            descriptor.close();
            throw Errno.NFILE.exception();
        }
        int free = used.nextClearBit(0);
        if (free == slots.size()) {
            slots.add(descriptor);
        } else {
            slots.set(free, descriptor);
        }
        used.set(free);
        open++;
        hostDescriptors += descriptor.cost();
        return free;
    }

    /**
     * Adds, or for null leaves the next number without a descriptor: no other one ever gets it, as nobody expects a file
     * under the number of a standard stream.
     */
    void addOrKeepFree(@Nullable Descriptor descriptor) throws IOException {
        if (descriptor != null) {
            add(descriptor);
        } else {
            used.set(slots.size());
            slots.add(null);
        }
    }

    /** @throws ErrnoException {@code BADF} if nothing is open under this number */
    Descriptor get(int fd) throws ErrnoException {
        Descriptor found = fd >= 0 && fd < slots.size() ? slots.get(fd) : null;
        if (found == null) {
            throw Errno.BADF.exception();
        }
        return found;
    }

    void close(int fd) throws IOException {
        Descriptor closed = get(fd);
        remove(fd, closed);
        closed.close();
    }

    private void remove(int fd, Descriptor descriptor) {
        slots.set(fd, null);
        used.clear(fd);
        open--;
        hostDescriptors -= descriptor.cost();
        account.giveBack(Kind.DESCRIPTORS, descriptor.cost());
    }

    /** Gives {@code from}'s descriptor the number {@code to}, whose own is closed. Both must be open. */
    void renumber(int from, int to) throws IOException {
        Descriptor moved = get(from);
        Descriptor replaced = get(to);
        if (from == to) {
            return;
        }
        remove(to, replaced);
        slots.set(to, moved);
        used.set(to);
        slots.set(from, null);
        used.clear(from);
        replaced.close();
    }

    /**
     * Closes all; closing what was written to channels without buffers loses nothing, so failures are of no interest.
     */
    void closeAll() {
        for (Descriptor descriptor : slots) {
            try {
                if (descriptor != null) {
                    descriptor.close();
                }
            } catch (IOException e) {
                continue;
            }
        }
        slots.clear();
        used.clear();
        open = 0;
        account.giveBack(Kind.DESCRIPTORS, hostDescriptors);
        hostDescriptors = 0;
    }
}
