package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Test;

/**
 * What each bundle needs and offers, compared with a text file. A new line in such a file is a new dependency between
 * bundles (or a package that others may now name): explain it in the commit that adds it.
 */
class GoldenManifestsIT {
    private static final Path GOLDEN = Path.of("manifests");
    private static final boolean BLESS = Boolean.getBoolean("bless");
    private static final List<String> HEADERS =
            List.of("Export-Package", "Import-Package", "Provide-Capability", "Require-Capability");

    @TestFactory
    List<DynamicTest> sameAsGolden() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        ours().forEach((bundle, manifest) -> tests.add(DynamicTest.dynamicTest(bundle, () -> compare(bundle, text(manifest)))));
        assertThat(tests).as("bundles of ours on the class path").isNotEmpty();
        return tests;
    }

    @Test
    void everyGoldenFileHasItsBundle() throws IOException {
        try (var files = Files.list(GOLDEN)) {
            assertThat(files.map(f -> f.getFileName().toString().replace(".txt", "")))
                    .as("files in itests/felix/manifests")
                    .isSubsetOf(ours().keySet());
        }
    }

    private static void compare(String bundle, String actual) throws IOException {
        Path golden = GOLDEN.resolve(bundle + ".txt");
        if (BLESS) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, actual);
            return;
        }
        assertThat(actual)
                .as("manifest of %s against itests/felix/%s; if the change is meant, run ./check --bless and say why in the "
                        + "commit", bundle, golden)
                .isEqualTo(Files.exists(golden) ? Files.readString(golden) : "(no such file yet)");
    }

    /** The bundles of this project: every one of them is a dependency of this module, so it stands on the class path. */
    private static Map<String, Attributes> ours() throws IOException {
        Map<String, Attributes> found = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.endsWith(".jar")) {
                continue;
            }
            try (JarFile jar = new JarFile(entry)) {
                Attributes manifest = jar.getManifest() == null ? new Attributes() : jar.getManifest().getMainAttributes();
                String name = manifest.getValue("Bundle-SymbolicName");
                if (name != null && name.startsWith("org.sallyport.") && !name.startsWith("org.sallyport.itests.")) {
                    found.put(name, manifest);
                }
            }
        }
        return found;
    }

    /** One clause a line, sorted; {@code uses} directives are left out: they follow from the sources and only add noise. */
    private static String text(Attributes manifest) {
        StringBuilder text = new StringBuilder();
        for (String header : HEADERS) {
            String value = manifest.getValue(header);
            if (value != null) {
                text.append(header).append('\n');
                clauses(value.replaceAll(";uses:=\"[^\"]*\"", ""))
                        .forEach(clause -> text.append("  ").append(clause).append('\n'));
            }
        }
        return text.toString();
    }

    /** Splits at commas outside quotes. */
    private static List<String> clauses(String value) {
        return List.of(value.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")).stream().map(String::strip).sorted().toList();
    }
}
