package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A path that leads to an open directory, for operations that take paths only. On Linux it is {@code /proc/self/fd/N},
 * where descriptor N was opened by path and then found to be the same directory (device and serial number): from there
 * on nobody can exchange it. Elsewhere, or where native access is denied, it is the plain path, checked to lead to the
 * directory at this moment.
 */
final class PinnedPath implements Closeable {
    private final Path path;
    private final int descriptor;

    private PinnedPath(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** @throws ErrnoException {@code NOENT} if the directory was moved or removed */
    static PinnedPath of(Directory directory) throws IOException {
        FileKey key = directory.attributes(Directory.SELF).key();
        PinnedPath pinned = open(directory.host());
        FileKey found;
        try {
            found = FileKey.of(Files.readAttributes(pinned.path, BasicFileAttributes.class), pinned.path);
        } catch (IOException e) {
            pinned.close();
            throw e;
        }
        if (key.known() && !key.equals(found)) {
            pinned.close();
            throw Errno.NOENT.exception();
        }
        return pinned;
    }

    private static PinnedPath open(Path host) throws IOException {
        Descriptors os = host.getFileSystem() == FileSystems.getDefault() ? Descriptors.LINUX : null;
        if (os == null) {
            return new PinnedPath(host, -1);
        }
        int fd = os.open(host.toString());
        if (fd < 0) {
            throw Errno.NOENT.exception();
        }
        return new PinnedPath(Path.of("/proc/self/fd/" + fd), fd);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        if (descriptor >= 0 && Descriptors.LINUX != null) {
            Descriptors.LINUX.close(descriptor);
        }
    }

    /** {@code open} and {@code close} of the C library. */
    private record Descriptors(MethodHandle openHandle, MethodHandle closeHandle) {
        /** {@code O_PATH | O_CLOEXEC | O_DIRECTORY}; the last differs between x86-64 and AArch64. */
        private static final int FLAGS =
                0x200000 | 0x80000 | (System.getProperty("os.arch", "").equals("aarch64") ? 0x4000 : 0x10000);

        static final @Nullable Descriptors LINUX = find();

        private static @Nullable Descriptors find() {
            if (!System.getProperty("os.name", "").equals("Linux")
                    || !Files.isDirectory(Path.of("/proc/self/fd"), LinkOption.NOFOLLOW_LINKS)
                    || !Descriptors.class.getModule().isNativeAccessEnabled()) {
                return null;
            }
            Linker linker = Linker.nativeLinker();
            SymbolLookup lookup = linker.defaultLookup();
            return new Descriptors(
                    linker.downcallHandle(
                            lookup.findOrThrow("open"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)),
                    linker.downcallHandle(
                            lookup.findOrThrow("close"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
        }

        int open(String path) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment name = arena.allocateFrom(path);
                return (int) openHandle.invokeExact(name, FLAGS);
            } catch (Throwable e) {
                throw new AssertionError("BUG: open", e);
            }
        }

        void close(int descriptor) {
            try {
                int ignored = (int) closeHandle.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new AssertionError("BUG: close", e);
            }
        }
    }
}
