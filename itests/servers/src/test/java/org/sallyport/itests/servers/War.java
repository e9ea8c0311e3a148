package org.sallyport.itests.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.sallyport.itests.servers.app.ShopServlet;
import org.sallyport.text.Wat;

/** The application as an archive: its classes, Sallyport's jars, the plugin in two versions, and its settings. */
final class War {
    private static final String PLUGIN = """
            (module
              (import "till" "note" (func $note (param i32)))
              (func (export "price") (param i32) (result i32)
                (call $note (local.get 0))
                (i32.sub (local.get 0) (i32.div_s (local.get 0) (i32.const %d)))))
            """;
    private static final String SETTINGS = """
            sallyport.plugin.discount.module=plugins/tenth.wasm
            sallyport.plugin.discount.timeout=5000
            sallyport.grant.till.plugin=discount
            sallyport.grant.till.allow=(sallyport.module=till)
            """;
    private static final String BEANS = """
            <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated"/>
            """;

    private War() {}

    /** @param build is what {@code /state} says at its end */
    static void write(Path file, String build) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".part");
        try (ZipOutputStream war = new ZipOutputStream(Files.newOutputStream(unfinished))) {
            put(war, "WEB-INF/beans.xml", BEANS.getBytes(UTF_8));
            put(war, "WEB-INF/classes/META-INF/sallyport.properties", SETTINGS.getBytes(UTF_8));
            put(war, "WEB-INF/classes/META-INF/microprofile-config.properties", SETTINGS.getBytes(UTF_8));
            put(war, "WEB-INF/classes/META-INF/build", build.getBytes(UTF_8));
            put(war, "WEB-INF/classes/plugins/tenth.wasm", Wat.compile(PLUGIN.formatted(10)));
            put(war, "WEB-INF/classes/plugins/half.wasm", Wat.compile(PLUGIN.formatted(2)));
            String classes = ShopServlet.class.getName().replace('.', '/');
            String folder = classes.substring(0, classes.lastIndexOf('/') + 1);
            addFolder(war, location(ShopServlet.class).resolve(folder), "WEB-INF/classes/" + folder);
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                Path path = Path.of(entry);
                if (isPart(path)) {
                    put(war, "WEB-INF/lib/" + name(path), Files.isDirectory(path) ? jar(path) : Files.readAllBytes(path));
                }
            }
        }
        Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isPart(Path path) {
        String text = path.toString().replace(File.separatorChar, '/');
        return !text.contains("/itests/")
                && (Files.isDirectory(path)
                        ? text.endsWith("/target/classes")
                        : text.matches(".*/(org\\.)?sallyport[^/]*\\.jar"));
    }

    private static String name(Path path) {
        return Files.isDirectory(path) ? path.getParent().getParent().getFileName() + ".jar" : path.getFileName().toString();
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] jar(Path classes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
            addFolder(jar, classes, "");
        }
        return bytes.toByteArray();
    }

    private static void addFolder(ZipOutputStream zip, Path folder, String prefix) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            put(zip, prefix + folder.relativize(file).toString().replace(File.separatorChar, '/'), Files.readAllBytes(file));
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }
}
