package org.sallyport.engine.cache;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.CodeSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;

import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/**
 * Says which build of Sallyport runs, so that code which another build compiled is not taken for its own: from the
 * bundles that the classes are in, from the contents of the jars or directories on the class or module path, or from the
 * Java image.
 *
 * <p>A jar is known by the table at its end, which holds the checksum of every file in it, so that nothing else has to
 * be read. Nobody is kept out by this; the seal of an entry does that.
 */
public final class BuildId {
    private static final int END_RECORD = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int MAX_COMMENT = 0xffff;

    private BuildId() {}

    /** One word for each place that the classes come from. One that cannot be identified is different every time. */
    public static String of(List<Class<?>> classes) {
        Set<String> places = new TreeSet<>();
        for (Class<?> type : classes) {
            places.add(place(type));
        }
        return String.join(" ", places);
    }

    private static String place(Class<?> type) {
        try {
            String bundle = Bundles.place(type);
            if (bundle != null) {
                return bundle;
            }
        } catch (LinkageError e) {
            // no OSGi here, or in a module that this one does not read
        }
        try {
            CodeSource source = type.getProtectionDomain().getCodeSource();
            URL location = source == null ? null : source.getLocation();
            if (location != null && location.getProtocol().equals("file")) {
                return place(Path.of(URI.create(location.toString())));
            }
            if (location != null && location.getProtocol().equals("jrt")) {
                return image();
            }
        } catch (IOException | IllegalArgumentException | SecurityException e) {
            // then it is not known
        }
        return UUID.randomUUID().toString();
    }

    /** The Java image (JEP 220) that the classes were linked into. */
    private static String image() throws IOException {
        Path modules = Path.of(System.getProperty("java.home"), "lib", "modules");
        BasicFileAttributes is = Files.readAttributes(modules, BasicFileAttributes.class);
        return "image-" + is.size() + "-" + is.lastModifiedTime().toMillis();
    }

    /** @param path a jar, or a directory of class files */
    public static String place(Path path) throws IOException {
        CRC32 sum = new CRC32();
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                    BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
                    String line = path.relativize(file) + " " + is.size() + " " + is.lastModifiedTime().toMillis();
                    sum.update(line.getBytes(StandardCharsets.UTF_8));
                }
            }
            return "classes-" + Long.toHexString(sum.getValue());
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            long start = tableStart(file);
            byte[] table = new byte[Math.toIntExact(file.length() - start)];
            file.seek(start);
            file.readFully(table);
            sum.update(table);
            return path.getFileName() + "-" + file.length() + "-" + Long.toHexString(sum.getValue());
        }
    }

    /** Where the central directory begins (APPNOTE 4.3.16). */
    private static long tableStart(RandomAccessFile file) throws IOException {
        byte[] end = new byte[(int) Math.min(file.length(), END_RECORD + MAX_COMMENT)];
        file.seek(file.length() - end.length);
        file.readFully(end);
        for (int i = end.length - END_RECORD; i >= 0; i--) {
            if (number(end, i) == END_SIGNATURE) {
                long start = Integer.toUnsignedLong(number(end, i + 16));
                return start < file.length() ? start : 0;
            }
        }
        return 0;
    }

    private static int number(byte[] bytes, int at) {
        return bytes[at] & 0xff
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    /** Apart, so that nothing of OSGi is loaded where there is none. */
    private static final class Bundles {
        static @Nullable String place(Class<?> type) {
            Bundle bundle = FrameworkUtil.getBundle(type);
            return bundle == null
                    ? null
                    : bundle.getSymbolicName() + "-" + bundle.getVersion() + "-" + bundle.getLastModified();
        }
    }
}
