package org.sallyport.itests.felix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Dictionary;
import java.util.Hashtable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.Grant;

/**
 * A folder that File Install watches. It must not write configurations back ({@code enableConfigSave} in {@code itest.bndrun};
 * it asks the framework only, not the configuration of the folder): a file that was deleted would come again.
 */
abstract class FolderTest extends PluginTest {
    @TempDir
    Path folder;

    @TempDir
    Path work;

    @BeforeEach
    void watch() throws IOException {
        Configuration configuration =
                configurations.createFactoryConfiguration("org.apache.felix.fileinstall", "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("felix.fileinstall.dir", folder.toString());
        properties.put("felix.fileinstall.poll", "100");
        properties.put("felix.fileinstall.noInitialDelay", "true");
        properties.put("felix.fileinstall.tmpdir", work.resolve("tmp").toString());
        afterwards(() -> {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            // What File Install has not seen go before it stops watching stays for ever.
            eventually(() -> host.plugins().isEmpty() && context.getServiceReference(Grant.class) == null);
            configuration.delete();
            return null;
        });
        configuration.update(properties);
    }

    /** Moved in whole, so that no half of a file is seen. */
    void drop(String name, byte[] contents) throws IOException {
        Path complete = Files.write(work.resolve(name), contents);
        Files.move(complete, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    static byte[] text(String... lines) {
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }
}
