package org.sallyport.spi;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.jspecify.annotations.Nullable;
import org.sallyport.steward.Steward;

/**
 * Finds the process's {@link Steward}, or makes it: its classes are defined by a {@link URLClassLoader} that is the JDK's
 * own and has the platform's as its parent, from an archive in memory. Where that cannot be, this class loader has a
 * steward of its own, which keeps the class loader as long as it has wills.
 */
final class Stewards {
    /** All that the steward consists of; it can load nothing later. */
    private static final String[] CLASSES = {"Steward", "Will", "Estate", "Errand"};

    private static final long MFD_CLOEXEC = 1;

    /** Changed under {@link ProcessPage#LOCK}. */
    private static volatile @Nullable BiFunction<Object, Object, Object> known;

    private Stewards() {}

    /**
     * Leaves a will to the steward, who may come later.
     *
     * @param contents as the steward understands them
     * @return takes the will back; says whether it had not been carried out
     */
    static BooleanSupplier take(MethodHandle syscall, Object testator, Object contents) {
        BiFunction<Object, Object, Object> steward = known;
        Object taken = steward == null ? null : steward.apply(testator, contents);
        if (taken == null) {
            synchronized (ProcessPage.LOCK) {
                steward = find();
                known = steward;
                taken = steward == null ? null : steward.apply(testator, contents);
            }
        }
        return taken == null ? WaitingWills.add(syscall, testator, contents) : (BooleanSupplier) taken;
    }

    static BiFunction<Object, Object, Object> findOrMake(MethodHandle syscall, byte[] archive) {
        synchronized (ProcessPage.LOCK) {
            BiFunction<Object, Object, Object> steward = find();
            if (steward == null) {
                Thread fresh = make(syscall, archive);
                fresh.start();
                steward = steward(fresh);
            }
            known = steward;
            return steward;
        }
    }

    @SuppressWarnings("unchecked")
    private static BiFunction<Object, Object, Object> steward(Thread thread) {
        return (BiFunction<Object, Object, Object>) thread;
    }

    private static @Nullable BiFunction<Object, Object, Object> find() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] threads = new Thread[root.activeCount() + 64];
        int count = root.enumerate(threads, false);
        for (int i = 0; i < count; i++) {
            if (threads[i].getName().equals(Steward.NAME) && threads[i] instanceof BiFunction) {
                return steward(threads[i]);
            }
        }
        return null;
    }

    private static Thread make(MethodHandle syscall, byte[] archive) {
        try {
            return define(syscall, archive);
        } catch (Throwable t) {
            Logger log = System.getLogger("org.sallyport.Engine");
            log.log(Level.WARNING, "engines that are forgotten together with their class loader will not be noticed:"
                    + " close engines, or allow memfd_create and /proc/self/fd", t);
            return new Steward("sallyport-own-steward");
        }
    }

    private static Thread define(MethodHandle syscall, byte[] archive) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom("sallyport-steward").address();
            long file = call(arena, syscall, LinuxCall.MEMFD_CREATE, name, MFD_CLOEXEC);
            if (file < 0) {
                throw new IOException("the operating system refuses a file in memory");
            }
            try {
                Path path = Path.of("/proc/self/fd/".concat(Long.toString(file)));
                Files.write(path, archive);
                return define(path);
            } finally {
                call(arena, syscall, LinuxCall.CLOSE, file, 0);
            }
        }
    }

    private static Thread define(Path archive) throws Exception {
        URL[] urls = {archive.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Class<?> steward = null;
            for (int i = CLASSES.length - 1; i >= 0; i--) {
                steward = Class.forName(packageName() + CLASSES[i], true, loader);
            }
            return (Thread) steward.getConstructor(String.class).newInstance(Steward.NAME);
        }
    }

    private static String packageName() {
        return Steward.class.getPackageName() + ".";
    }

    /** The steward's classes; empty if they cannot be read. */
    static byte[] archive() {
        try {
            return makeArchive();
        } catch (IOException e) {
            return new byte[0]; // then he cannot be defined, which is told
        }
    }

    private static byte[] makeArchive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (String name : CLASSES) {
                String file = packageName().replace('.', '/') + name + ".class";
                byte[] content;
                try (InputStream in = Steward.class.getResourceAsStream("/" + file)) {
                    if (in == null) {
                        throw new IOException(file + " is missing in the API's bundle");
                    }
                    content = in.readAllBytes();
                }
                CRC32 crc = new CRC32();
                crc.update(content);
                ZipEntry entry = new ZipEntry(file);
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 2, 0, 0)); // asks for no time zone, as that of the day before would
                entry.setSize(content.length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(content);
            }
        }
        return bytes.toByteArray();
    }

    private static long call(Arena arena, MethodHandle syscall, LinuxCall call, long a, long b) throws Throwable {
        long number = call.number();
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        return syscall.type().parameterCount() == 8
                ? (long) syscall.invokeExact(state, number, a, b, 0L, 0L, 0L, 0L)
                : (long) syscall.invokeExact(state, number, a, b, 0L, 0L, 0L);
    }
}
