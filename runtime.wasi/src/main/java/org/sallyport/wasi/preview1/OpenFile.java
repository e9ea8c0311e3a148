package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;

/**
 * A regular file the guest has open. Keeps its own position, so that positioned and plain transfers do not disturb
 * each other.
 */
final class OpenFile extends Descriptor {
    private final Mount mount;
    private final SeekableByteChannel channel;
    private final List<String> names;
    private final String name;
    private final FileStat opened;
    private long position;

    /**
     * @param names from the mount's root to the directory it was found in
     * @param opened what was known of it when it was opened
     */
    OpenFile(
            Mount mount,
            SeekableByteChannel channel,
            List<String> names,
            String name,
            FileStat opened,
            long rights,
            long inheriting,
            int flags) {
        super(rights, inheriting, flags);
        this.mount = mount;
        this.channel = channel;
        this.names = names;
        this.name = name;
        this.opened = opened;
    }

    Mount mount() {
        return mount;
    }

    List<String> names() {
        return names;
    }

    String name() {
        return name;
    }

    FileStat opened() {
        return opened;
    }

    long position() {
        return position;
    }

    long size() throws IOException {
        return channel.size();
    }

    /** @throws ErrnoException {@code INVAL} for a position before the start */
    void seek(long to) throws ErrnoException {
        if (to < 0) {
            throw Errno.INVAL.exception();
        }
        position = to;
    }

    long read(ByteBuffer[] targets) throws IOException {
        long n = readAt(targets, position);
        position += n;
        return n;
    }

    long readAt(ByteBuffer[] targets, long at) throws IOException {
        long total = 0;
        for (ByteBuffer target : targets) {
            int wanted = target.remaining();
            int n = readOnce(target, at + total);
            total += Math.max(n, 0);
            if (n < wanted) {
                break;
            }
        }
        return total;
    }

    private int readOnce(ByteBuffer target, long at) throws IOException {
        if (channel instanceof FileChannel file) {
            return file.read(target, at);
        }
        return channel.position(at).read(target);
    }

    long write(ByteBuffer[] sources) throws IOException {
        long at = has(Flags.FD_APPEND) ? channel.size() : position;
        long n = writeAt(sources, at);
        position = at + n;
        return n;
    }

    long writeAt(ByteBuffer[] sources, long at) throws IOException {
        long wanted = IoVectors.remaining(sources);
        if (at > Long.MAX_VALUE - wanted) {
            throw Errno.FBIG.exception();
        }
        long total = 0;
        for (ByteBuffer source : sources) {
            while (source.hasRemaining()) {
                total += channel instanceof FileChannel file
                        ? file.write(source, at + total)
                        : channel.position(at + total).write(source);
            }
        }
        return total;
    }

    /** Cuts it, or makes it longer with zeros. */
    void resize(long size) throws IOException {
        if (size < 0) {
            throw Errno.INVAL.exception();
        }
        if (size < channel.size()) {
            channel.truncate(size);
        } else {
            extend(size);
        }
    }

    /** Makes it at least {@code size} bytes long. */
    void extend(long size) throws IOException {
        if (size > channel.size()) {
            writeAt(new ByteBuffer[] {ByteBuffer.allocate(1)}, size - 1);
        }
    }

    void force(boolean metadata) throws IOException {
        if (channel instanceof FileChannel file) {
            file.force(metadata);
        }
    }

    @Override
    void setFlags(int newFlags) throws ErrnoException {
        int fixed = Flags.FD_DSYNC | Flags.FD_SYNC | Flags.FD_RSYNC;
        if (((newFlags ^ flags()) & fixed) != 0) {
            throw Errno.NOTSUP.exception();
        }
        super.setFlags(newFlags);
    }

    @Override
    FileType type() {
        return FileType.REGULAR_FILE;
    }

    @Override
    void close() throws IOException {
        channel.close();
    }
}
