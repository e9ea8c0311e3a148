package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/** The descriptors of a process by number; a new one gets the lowest number that is free, as POSIX has it. */
final class FdTable {
    private final List<@Nullable Descriptor> slots = new ArrayList<>();
    private final int max;
    private int open;

    /** @param max descriptors open at a time */
    FdTable(int max) {
        this.max = max;
    }

    int size() {
        return open;
    }

    /** @throws ErrnoException {@code MFILE} if there are too many */
    void needRoom() throws ErrnoException {
        if (open >= max) {
            throw Errno.MFILE.exception();
        }
    }

    int add(Descriptor descriptor) throws ErrnoException {
        needRoom();
        open++;
        int free = open > slots.size() ? -1 : slots.indexOf(null);
        if (free >= 0) {
            slots.set(free, descriptor);
            return free;
        }
        slots.add(descriptor);
        return slots.size() - 1;
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
        slots.set(fd, null);
        open--;
        closed.close();
    }

    /** Gives {@code from}'s descriptor the number {@code to}, whose own is closed. Both must be open. */
    void renumber(int from, int to) throws IOException {
        Descriptor moved = get(from);
        Descriptor replaced = get(to);
        if (from == to) {
            return;
        }
        slots.set(to, moved);
        slots.set(from, null);
        open--;
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
        open = 0;
    }
}
