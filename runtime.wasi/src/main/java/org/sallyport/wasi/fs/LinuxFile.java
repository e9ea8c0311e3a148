package org.sallyport.wasi.fs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A file held open by a descriptor: whatever becomes of its names, it is that file. */
final class LinuxFile implements HostFile {
    private static final long AT_THE_END = -1;

    private final LinuxDescriptor descriptor;
    /** The flags that can be changed. */
    private final int flags;

    /** @param descriptor of a regular file, opened non-blocking; closed with this */
    LinuxFile(LinuxDescriptor descriptor) {
        this.descriptor = descriptor;
        flags = Linux.O_NONBLOCK;
    }

    private interface Transfer {
        long once(IoArray pieces, long done) throws ErrnoException;
    }

    /** Goes on as long as the host takes or gives whole pieces. */
    private static long transfer(ByteBuffer[] buffers, Transfer transfer) throws ErrnoException {
        long done = 0;
        int first = IoArray.advance(buffers, 0, 0);
        while (first < buffers.length) {
            Waiting.check();
            try (Arena arena = Arena.ofConfined()) {
                IoArray pieces = IoArray.of(arena, buffers, first);
                long n = transfer.once(pieces, done);
                first = IoArray.advance(buffers, first, n);
                done += n;
                if (n < pieces.bytes()) {
                    break;
                }
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            } finally {
                Reference.reachabilityFence(buffers);
            }
        }
        return done;
    }

    @Override
    public long read(ByteBuffer[] targets, long position) throws IOException {
        return transfer(targets, (pieces, done) -> Linux.read(descriptor.fd(), pieces, position + done));
    }

    @Override
    public long write(ByteBuffer[] sources, long position) throws IOException {
        return transfer(sources, (pieces, done) -> Linux.write(descriptor.fd(), pieces, position + done));
    }

    @Override
    public long append(ByteBuffer[] sources) throws IOException {
        return transfer(sources, (pieces, _) -> Linux.write(descriptor.fd(), pieces, AT_THE_END));
    }

    @Override
    public void setAppend(boolean on) throws IOException {
        Linux.setFlags(descriptor.fd(), on ? flags | Linux.O_APPEND : flags);
    }

    @Override
    public long position() throws IOException {
        return Linux.seek(descriptor.fd(), 0, Linux.SEEK_CUR);
    }

    @Override
    public long size() throws IOException {
        return descriptor.stat().size();
    }

    @Override
    public void resize(long size) throws IOException {
        Linux.truncate(descriptor.fd(), size);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
        Linux.sync(descriptor.fd(), metadata);
    }

    @Override
    public FileStat stat() throws IOException {
        return descriptor.stat();
    }

    @Override
    public void setTimes(@Nullable SetTime access, @Nullable SetTime modified) throws IOException {
        Linux.setTimes(descriptor.fd(), access, modified);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
