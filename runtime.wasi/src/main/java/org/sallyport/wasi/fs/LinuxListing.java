package org.sallyport.wasi.fs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Entries as Linux gives them, and its cookies: going on at one costs nothing however large the directory is, and
 * stays right while others add and remove names. Reads some entries ahead, and keeps none of them between calls; needs
 * no descriptor of its own.
 */
final class LinuxListing implements Listing {
    private static final int BUFFER = 1 << 15;
    /** {@code struct linux_dirent64}: ino, cookie of the next, length of this, type, name. */
    private static final int NAME = 19;

    private final LinuxDescriptor directory;
    private final Deque<Entry> ahead = new ArrayDeque<>();
    /** Cookie of the first entry of {@link #ahead}. */
    private long cookie = -1;

    LinuxListing(LinuxDescriptor directory) {
        this.directory = directory;
    }

    @Override
    public @Nullable Entry entry(long wanted) throws IOException {
        Entry first = ahead.peekFirst();
        if (first != null && wanted == first.next()) {
            ahead.removeFirst();
            cookie = wanted;
        }
        if (ahead.isEmpty() || wanted != cookie) {
            read(wanted);
        }
        return ahead.peekFirst();
    }

    private void read(long from) throws IOException {
        ahead.clear();
        cookie = from;
        Linux.seek(directory.fd(), from, Linux.SEEK_SET);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, 8);
            long used = Linux.readDirectory(directory.fd(), buffer);
            for (long at = 0; at < used; at += entryLength(buffer, at)) {
                ahead.add(entry(buffer, at));
            }
        }
    }

    private static int entryLength(MemorySegment buffer, long at) {
        return Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, at + 16));
    }

    private Entry entry(MemorySegment buffer, long at) throws IOException {
        MemorySegment rest = buffer.asSlice(at + NAME, entryLength(buffer, at) - NAME);
        int length = 0;
        while (rest.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
        }
        byte[] name = rest.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        boolean up = length == 2 && name[0] == '.' && name[1] == '.';
        FileType type = FileType.ofMode(buffer.get(ValueLayout.JAVA_BYTE, at + 18) << 12);
        return new Entry(
                buffer.get(ValueLayout.JAVA_LONG, at + 8),
                up ? 0 : buffer.get(ValueLayout.JAVA_LONG, at),
                type == FileType.UNKNOWN ? lookUp(name) : type,
                name);
    }

    /** For file systems that do not say in the listing what an entry is. */
    private FileType lookUp(byte[] name) {
        try {
            return Linux.stat(directory.fd(), name, Linux.AT_SYMLINK_NOFOLLOW).type();
        } catch (ErrnoException e) {
            return FileType.UNKNOWN; // removed in between
        }
    }

    @Override
    public void pause() {
        ahead.clear();
        cookie = -1;
    }

    @Override
    public void close() {
        pause();
    }
}
