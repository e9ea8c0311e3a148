package org.sallyport.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The standard streams of this process for the command itself (guests have their own way to them, in {@link
 * org.sallyport.wasi.Wasi#withStandardStreams}). Other than with Java's file streams, a stream that is non-blocking
 * because another process made it so is waited for, and one that was closed at the start is not a file that the JVM has
 * opened since under the same number.
 */
final class HostStream {
    private static final int WAIT_MILLIS = 5;

    /** From {@code fcntl.h}, the same on all that Linux runs on. */
    private static final int O_ACCMODE = 3;

    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;

    private HostStream() {}

    static InputStream input() {
        return isOpen(0) ? new Input(new FileInputStream(FileDescriptor.in).getChannel()) : new ClosedInput();
    }

    /** @param number 1 or 2 */
    static OutputStream output(int number) {
        FileDescriptor descriptor = number == 1 ? FileDescriptor.out : FileDescriptor.err;
        return isOpen(number) ? new Output(new FileOutputStream(descriptor).getChannel()) : new ClosedOutput();
    }

    /**
     * Whether the process was started with that stream, and it goes in the right direction. What a process inherits
     * never has the flag to be closed for programs that are started; what the JVM opens has it, but for some of its own
     * files and those that classes are in.
     */
    private static boolean isOpen(int number) {
        if (!Files.exists(Path.of("/proc/self/fdinfo"))) {
            return true; // no Linux
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + number))) {
                if (line.startsWith("flags:")
                        && !isOpen(number, Integer.parseInt(line.substring("flags:".length()).strip(), 8))) {
                    return false;
                }
            }
            return !isOfJava(Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isOfJava(Path file) throws IOException {
        if (!file.isAbsolute()) { // a pipe, a socket
            return false;
        }
        if (file.startsWith(Path.of(System.getProperty("java.home")).toRealPath())) {
            return true;
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path part = Path.of(entry);
            if (Files.isRegularFile(part) && Files.isSameFile(file, part)) {
                return true;
            }
        }
        return false;
    }

    static boolean isOpen(int number, int flags) {
        int access = flags & O_ACCMODE;
        return (flags & O_CLOEXEC) == 0 && (access == O_RDWR || access == (number == 0 ? O_RDONLY : O_WRONLY));
    }

    private static void await() throws IOException {
        try {
            Thread.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static IOException closed() {
        return new IOException("is closed");
    }

    private static final class Input extends InputStream {
        private final FileChannel channel;

        Input(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            int n;
            while ((n = channel.read(buffer)) == 0) { // non-blocking, and nothing there
                await();
            }
            return n;
        }
    }

    private static final class Output extends OutputStream {
        private final FileChannel channel;

        Output(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                if (channel.write(buffer) == 0) { // non-blocking, and no room
                    await();
                }
            }
        }
    }

    private static final class ClosedInput extends InputStream {
        @Override
        public int read() throws IOException {
            throw closed();
        }
    }

    private static final class ClosedOutput extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw closed();
        }
    }
}
