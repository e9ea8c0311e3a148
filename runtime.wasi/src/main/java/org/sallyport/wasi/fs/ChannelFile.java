package org.sallyport.wasi.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A file through Java's own means, for all systems and file systems. A thread that is interrupted during a transfer
 * closes the channel; it is nobody's but this guest's, and whoever interrupts waits for one piece at most. What only a
 * name tells is asked of the name that it was opened by, as long as that leads to this file.
 */
final class ChannelFile implements HostFile {
    private final SeekableByteChannel channel;
    private final Directory.Again again;
    private final FileStat opened;
    private long appended;

    private ChannelFile(SeekableByteChannel channel, Directory.Again again, FileStat opened) {
        this.channel = channel;
        this.again = again;
        this.opened = opened;
    }

    /** Gives something, or fails as files do. */
    interface Step<T> {
        T run() throws IOException;
    }

    /** @param look tells what is known of the file once it is open */
    static ChannelFile open(Step<SeekableByteChannel> step, Directory.Again again, Step<FileStat> look)
            throws IOException {
        SeekableByteChannel channel = step.run();
        try {
            return new ChannelFile(channel, again, look.run());
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private interface Transfer {
        int once(ByteBuffer piece, long done) throws IOException;
    }

    private static long transfer(ByteBuffer[] buffers, Transfer transfer) throws IOException {
        long done = 0;
        try {
            for (ByteBuffer buffer : buffers) {
                while (buffer.hasRemaining()) {
                    Waiting.check();
                    ByteBuffer piece = buffer.slice(buffer.position(), Math.min(buffer.remaining(), Waiting.PIECE));
                    int wanted = piece.remaining();
                    int n = Math.max(0, transfer.once(piece, done));
                    buffer.position(buffer.position() + n);
                    done += n;
                    if (n < wanted) {
                        return done;
                    }
                }
            }
        } catch (IOException e) {
            Waiting.check();
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    @Override
    public long read(ByteBuffer[] targets, long position) throws IOException {
        return transfer(targets, (piece, done) -> channel instanceof FileChannel file
                ? file.read(piece, position + done)
                : channel.position(position + done).read(piece));
    }

    @Override
    public long write(ByteBuffer[] sources, long position) throws IOException {
        return transfer(sources, (piece, done) -> channel instanceof FileChannel file
                ? file.write(piece, position + done)
                : channel.position(position + done).write(piece));
    }

    /** Not atomic: others that append at the same time can be overwritten. */
    @Override
    public long append(ByteBuffer[] sources) throws IOException {
        long end = channel.size();
        long n = write(sources, end);
        appended = end + n;
        return n;
    }

    @Override
    public long position() {
        return appended;
    }

    @Override
    public void setAppend(boolean on) {
        // each append asks for the size
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void resize(long size) throws IOException {
        if (size < channel.size()) {
            channel.truncate(size);
        } else if (size > channel.size()) {
            write(new ByteBuffer[] {ByteBuffer.allocate(1)}, size - 1);
        }
    }

    @Override
    public void sync(boolean metadata) throws IOException {
        if (channel instanceof FileChannel file) {
            file.force(metadata);
        }
    }

    @Override
    public FileStat stat() throws IOException {
        long size = channel.size();
        try (Place place = again.find()) {
            FileStat now = place.directory().stat(place.name());
            if (now.key().equals(opened.key())) {
                return now.withSize(size);
            }
        } catch (IOException e) {
            // renamed or removed since
        }
        return opened.withSize(size);
    }

    @Override
    public void setTimes(@Nullable SetTime access, @Nullable SetTime modified) throws IOException {
        try (Place place = again.find()) {
            if (!place.require().key().equals(opened.key())) {
                throw Errno.NOENT.exception();
            }
            place.directory().setTimes(place.name(), access, modified);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
