package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.WasiClock;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.Listing;
import org.sallyport.wasi.fs.SetTime;
import org.sallyport.wasi.fs.Waiting;

/** The functions that take a descriptor. */
final class FdCalls {
    private static final int FDSTAT_SIZE = 24;
    private static final int FILESTAT_SIZE = 64;
    private static final int DIRENT_SIZE = 24;

    private FdCalls() {}

    // ---- transfer

    static void read(Process process, GuestMemory memory, int fd, int iovs, int count, int result) throws IOException {
        Descriptor descriptor = process.get(fd);
        if (descriptor instanceof OpenDirectory) {
            throw Errno.ISDIR.exception();
        }
        descriptor.need(Rights.FD_READ);
        memory.check(result, 4);
        ByteBuffer[] targets = IoVectors.read(memory, iovs, count);
        long n = switch (descriptor) {
            case InputStreamFd in -> process.waiting(() -> readInput(in, targets));
            case OpenFile file -> file.read(targets);
            case OutputStreamFd _, OpenDirectory _ -> throw Errno.BADF.exception();
        };
        memory.setInt(result, (int) n);
    }

    private static long readInput(InputStreamFd in, ByteBuffer[] targets) throws IOException {
        if (targets.length == 0) {
            return 0;
        }
        if (in.has(Flags.FD_NONBLOCK) && !in.input().awaitReady(0)) {
            throw Errno.AGAIN.exception();
        }
        Waiting.check();
        return Math.max(0, in.input().read(targets[0]));
    }

    static void pread(Process process, GuestMemory memory, int fd, int iovs, int count, long offset, int result)
            throws IOException {
        OpenFile file = process.file(fd, Rights.FD_READ | Rights.FD_SEEK);
        memory.check(result, 4);
        ByteBuffer[] targets = IoVectors.read(memory, iovs, count);
        memory.setInt(result, (int) file.file().read(targets, notNegative(offset)));
    }

    static void write(Process process, GuestMemory memory, int fd, int iovs, int count, int result) throws IOException {
        Descriptor descriptor = process.get(fd);
        if (descriptor instanceof OpenDirectory) {
            throw Errno.ISDIR.exception();
        }
        descriptor.need(Rights.FD_WRITE);
        memory.check(result, 4);
        ByteBuffer[] sources = IoVectors.read(memory, iovs, count);
        long n = switch (descriptor) {
            case OutputStreamFd out -> process.waiting(() -> out.write(sources));
            case OpenFile file -> file.write(sources);
            case InputStreamFd _, OpenDirectory _ -> throw Errno.BADF.exception();
        };
        memory.setInt(result, (int) n);
    }

    static void pwrite(Process process, GuestMemory memory, int fd, int iovs, int count, long offset, int result)
            throws IOException {
        OpenFile file = process.file(fd, Rights.FD_WRITE | Rights.FD_SEEK);
        memory.check(result, 4);
        ByteBuffer[] sources = IoVectors.read(memory, iovs, count);
        memory.setInt(result, (int) file.writeAt(sources, notNegative(offset)));
    }

    private static long notNegative(long n) throws ErrnoException {
        if (n < 0) {
            throw Errno.INVAL.exception();
        }
        return n;
    }

    // ---- position and size

    static void seek(Process process, GuestMemory memory, int fd, long offset, int whence, int result)
            throws IOException {
        boolean asks = whence == Flags.WHENCE_CUR && offset == 0;
        OpenFile file = process.file(fd, asks ? Rights.FD_TELL : Rights.FD_SEEK);
        memory.check(result, 8);
        long base =
                switch (whence) {
                    case Flags.WHENCE_SET -> 0;
                    case Flags.WHENCE_CUR -> file.position();
                    case Flags.WHENCE_END -> file.file().size();
                    default -> throw Errno.INVAL.exception();
                };
        if (offset > 0 && base > Long.MAX_VALUE - offset) {
            throw Errno.OVERFLOW.exception();
        }
        file.seek(base + offset);
        memory.setLong(result, file.position());
    }

    static void tell(Process process, GuestMemory memory, int fd, int result) throws ErrnoException {
        memory.setLong(result, process.file(fd, Rights.FD_TELL).position());
    }

    static void advise(Process process, int fd, long offset, long length, int advice) throws ErrnoException {
        Descriptor descriptor = process.get(fd);
        if (!(descriptor instanceof OpenDirectory)) {
            process.file(fd, Rights.FD_ADVISE);
        }
        if (advice < 0 || advice > 5 || offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
            throw Errno.INVAL.exception();
        }
    }

    static void allocate(Process process, int fd, long offset, long length) throws IOException {
        OpenFile file = process.file(fd, Rights.FD_ALLOCATE | Rights.FD_WRITE);
        if (offset < 0 || length <= 0) {
            throw Errno.INVAL.exception();
        }
        if (offset > Long.MAX_VALUE - length) {
            throw Errno.FBIG.exception();
        }
        file.extend(offset + length);
    }

    static void filestatSetSize(Process process, int fd, long size) throws IOException {
        process.file(fd, Rights.FD_FILESTAT_SET_SIZE | Rights.FD_WRITE).file().resize(notNegative(size));
    }

    static void sync(Process process, int fd, boolean metadata) throws IOException {
        long right = metadata ? Rights.FD_SYNC : Rights.FD_DATASYNC;
        switch (process.get(fd, process.get(fd) instanceof OpenDirectory ? Rights.FD_SYNC : right)) {
            case OpenFile file -> file.sync(metadata);
            case OpenDirectory _, OutputStreamFd _ -> { } // nothing of ours is held back
            case InputStreamFd _ -> throw Errno.INVAL.exception();
        }
    }

    // ---- attributes

    static void fdstatGet(Process process, GuestMemory memory, int fd, int result) throws ErrnoException {
        Descriptor descriptor = process.get(fd);
        memory.check(result, FDSTAT_SIZE);
        memory.setLong(result, 0);
        memory.setByte(result, descriptor.type().ordinal());
        memory.setShort(result + 2, descriptor.flags());
        memory.setLong(result + 8, descriptor.rights());
        memory.setLong(result + 16, descriptor.inheriting());
    }

    static void fdstatSetFlags(Process process, int fd, int flags) throws IOException {
        Descriptor descriptor = process.get(fd, Rights.FD_FDSTAT_SET_FLAGS);
        if ((flags & ~Flags.FD_ALL) != 0) {
            throw Errno.INVAL.exception();
        }
        descriptor.setFlags(flags);
    }

    static void fdstatSetRights(Process process, int fd, long rights, long inheriting) throws ErrnoException {
        process.get(fd).narrow(rights, inheriting);
    }

    static void filestatGet(Process process, GuestMemory memory, int fd, int result) throws IOException {
        putFilestat(memory, result, process.get(fd, Rights.FD_FILESTAT_GET).stat());
    }

    static void putFilestat(GuestMemory memory, int result, FileStat stat) throws ErrnoException {
        memory.check(result, FILESTAT_SIZE);
        memory.setLong(result, stat.key().dev());
        memory.setLong(result + 8, stat.key().ino());
        memory.setLong(result + 16, stat.type().ordinal());
        memory.setLong(result + 24, stat.links());
        memory.setLong(result + 32, stat.size());
        memory.setLong(result + 40, stat.atim());
        memory.setLong(result + 48, stat.mtim());
        memory.setLong(result + 56, stat.ctim());
    }

    static void filestatSetTimes(Process process, int fd, long atim, long mtim, int flags) throws IOException {
        Descriptor descriptor = process.get(fd, Rights.FD_FILESTAT_SET_TIMES);
        SetTime access = time(process, atim, flags, Flags.ATIM, Flags.ATIM_NOW);
        SetTime modified = time(process, mtim, flags, Flags.MTIM, Flags.MTIM_NOW);
        switch (descriptor) {
            case OpenDirectory directory -> {
                directory.mount().needWritable();
                directory.directory().setTimes(Directory.SELF, access, modified);
            }
            case OpenFile file -> {
                file.mount().needWritable();
                file.file().setTimes(access, modified);
            }
            case InputStreamFd _, OutputStreamFd _ -> throw Errno.INVAL.exception();
        }
    }

    /**
     * The time to set, or null to leave it.
     *
     * @throws ErrnoException {@code INVAL} for flags that contradict each other
     */
    static @Nullable SetTime time(Process process, long nanos, int flags, int given, int now) throws ErrnoException {
        if ((flags & ~Flags.TIM_ALL) != 0 || (flags & (given | now)) == (given | now)) {
            throw Errno.INVAL.exception();
        }
        if ((flags & now) != 0) {
            WasiClock clock = process.settings().clock();
            return clock == WasiClock.SYSTEM ? SetTime.NOW : SetTime.at(clock.realtimeNanos());
        }
        if ((flags & given) == 0) {
            return null;
        }
        if (nanos < 0) {
            throw Errno.INVAL.exception(); // beyond the year 2262
        }
        return SetTime.at(nanos);
    }

    // ---- descriptors and directories

    static void close(Process process, int fd) throws IOException {
        process.fds().close(fd);
    }

    static void renumber(Process process, int from, int to) throws IOException {
        process.fds().renumber(from, to);
    }

    static void prestatGet(Process process, GuestMemory memory, int fd, int result) throws ErrnoException {
        byte[] name = preopenedName(process, fd);
        memory.check(result, 8);
        memory.setInt(result, 0);
        memory.setInt(result + 4, name.length);
    }

    static void prestatDirName(Process process, GuestMemory memory, int fd, int path, int length)
            throws ErrnoException {
        byte[] name = preopenedName(process, fd);
        if (Integer.compareUnsigned(length, name.length) < 0) {
            throw Errno.NAMETOOLONG.exception();
        }
        memory.write(path, name, 0, name.length);
    }

    private static byte[] preopenedName(Process process, int fd) throws ErrnoException {
        if (process.get(fd) instanceof OpenDirectory directory && directory.isPreopened()) {
            return directory.mount().guest().getBytes(StandardCharsets.UTF_8);
        }
        throw Errno.BADF.exception();
    }

    static void readdir(Process process, GuestMemory memory, int fd, int buffer, int length, long cookie, int result)
            throws IOException {
        OpenDirectory directory = process.directory(fd, Rights.FD_READDIR);
        memory.check(result, 4);
        memory.check(buffer, Integer.toUnsignedLong(length));
        Listing listing = directory.listing();
        try {
            memory.setInt(result, fill(memory, listing, buffer, length, cookie));
        } finally {
            listing.pause();
        }
    }

    /** Fills the buffer with entries; the last one is cut if it does not fit. @return bytes used */
    private static int fill(GuestMemory memory, Listing listing, int buffer, int length, long cookie)
            throws IOException {
        int used = 0;
        long at = cookie;
        while (Integer.compareUnsigned(used, length) < 0) {
            Waiting.check();
            Listing.Entry entry = listing.entry(at);
            if (entry == null) {
                break;
            }
            byte[] bytes = dirent(entry);
            int n = Integer.compareUnsigned(length - used, bytes.length) < 0 ? length - used : bytes.length;
            memory.write(buffer + used, bytes, 0, n);
            used += n;
            at = entry.next();
        }
        return used;
    }

    private static byte[] dirent(Listing.Entry entry) {
        byte[] bytes = new byte[DIRENT_SIZE + entry.name().length];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(entry.next())
                .putLong(entry.ino())
                .putInt(entry.name().length)
                .putInt(entry.type().ordinal())
                .put(entry.name());
        return bytes;
    }
}
