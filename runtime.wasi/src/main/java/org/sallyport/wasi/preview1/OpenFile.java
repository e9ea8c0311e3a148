package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;
import org.sallyport.wasi.fs.HostFile;
import org.sallyport.wasi.fs.Waiting;

/**
 * A regular file the guest has open. Keeps its own position, so that positioned and plain transfers do not disturb
 * each other.
 */
final class OpenFile extends Descriptor {
    private final Mount mount;
    private final HostFile file;
    private long position;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private boolean syncing;
    private @Nullable IOException syncFailure;

    /** @param file opened for appending if {@code flags} say so; closed with this */
    OpenFile(Mount mount, HostFile file, long rights, long inheriting, int flags) {
        super(rights, inheriting, flags);
        this.mount = mount;
        this.file = file;
    }

    Mount mount() {
        return mount;
    }

    HostFile file() {
        return file;
    }

    long position() {
        return position;
    }

    /** @throws ErrnoException {@code INVAL} for a position before the start */
    void seek(long to) throws ErrnoException {
        if (to < 0) {
            throw Errno.INVAL.exception();
        }
        position = to;
    }

    long read(ByteBuffer[] targets) throws IOException {
        long n = file.read(targets, position);
        position += n;
        return n;
    }

    /** Writes all, or what the host takes; the position moves by what was written. */
    long write(ByteBuffer[] sources) throws IOException {
        if (has(Flags.FD_APPEND)) {
            long n = file.append(sources);
            position = n > 0 ? file.position() : position;
            return n;
        }
        long n = writeAt(sources, position);
        position += n;
        return n;
    }

    long writeAt(ByteBuffer[] sources, long at) throws IOException {
        if (at > Long.MAX_VALUE - IoVectors.remaining(sources)) {
            throw Errno.FBIG.exception();
        }
        return file.write(sources, at);
    }

    /** Makes it at least {@code size} bytes long. */
    void extend(long size) throws IOException {
        if (size > file.size()) {
            file.resize(size);
        }
    }

    /**
     * Waits until all is on the disk, in a thread of {@link HostThreads}: the system does not cut that short, but the call
     * may end before. One at a time.
     */
    void sync(boolean metadata) throws IOException {
        Waiting.lock(lock);
        try {
            awaitSync(); // one that was given up
            syncing = true;
            try {
                HostThreads.begin(() -> syncNow(metadata), lock, changed, this::synced);
            } catch (IOException e) {
                syncing = false;
                throw e;
            }
            awaitSync();
            if (syncFailure != null) {
                throw syncFailure;
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitSync() {
        while (syncing) {
            Waiting.await(changed, Long.MAX_VALUE);
        }
    }

    private int syncNow(boolean metadata) throws IOException {
        file.sync(metadata);
        return 0;
    }

    private void synced(int bytes, @Nullable IOException failed) {
        syncing = false;
        syncFailure = failed;
    }

    @Override
    void setFlags(int newFlags) throws IOException {
        int fixed = Flags.FD_DSYNC | Flags.FD_SYNC | Flags.FD_RSYNC;
        if (((newFlags ^ flags()) & fixed) != 0) {
            throw Errno.NOTSUP.exception();
        }
        file.setAppend((newFlags & Flags.FD_APPEND) != 0);
        super.setFlags(newFlags);
    }

    @Override
    FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    FileStat stat() throws IOException {
        return file.stat();
    }

    @Override
    int cost() {
        return 1;
    }

    @Override
    void close() throws IOException {
        file.close();
    }
}
