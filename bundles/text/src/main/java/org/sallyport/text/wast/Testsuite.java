package org.sallyport.text.wast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.Feature;

/**
 * The specification's testsuite in a folder: which scripts there are, and which features each one is written for.
 *
 * <p>Left out is {@code proposals/custom-descriptors}.
 */
public record Testsuite(Path root) {
    /** System property that names the folder. */
    public static final String PROPERTY = "sallyport.testsuite";

    /** The folder that the system property names, if there is one. */
    public static Optional<Testsuite> find() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(Path::of)
                .filter(Files::isDirectory)
                .map(Testsuite::new);
    }

    /** The names of all scripts, relative to the folder, with slashes, in order. */
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(f -> root.relativize(f).toString().replace('\\', '/'))
                    .filter(f -> f.endsWith(".wast"))
                    .filter(f -> !f.startsWith("proposals/custom-descriptors/"))
                    .sorted()
                    .toList();
        }
    }

    /** The features of a script: WebAssembly 3.0, and those of the proposal it belongs to. */
    public static Set<Feature> features(String name) {
        EnumSet<Feature> features = EnumSet.noneOf(Feature.class);
        Stream.of(Feature.values()).filter(Feature::isStandard).forEach(features::add);
        if (name.startsWith("proposals/custom-page-sizes/")) {
            features.add(Feature.CUSTOM_PAGE_SIZES);
        } else if (name.startsWith("proposals/wide-arithmetic/")) {
            features.add(Feature.WIDE_ARITHMETIC);
        } else if (name.startsWith("legacy/")) {
            features.add(Feature.LEGACY_EXCEPTIONS);
        } else if (name.startsWith("proposals/threads/")) {
            // That suite is of the time of WebAssembly 1.0: one table, one memory, 32-bit sizes.
            features.removeAll(EnumSet.of(Feature.MEMORY64, Feature.MULTI_MEMORY, Feature.REFERENCE_TYPES));
            features.add(Feature.THREADS);
        }
        return features;
    }

    /** The features of a script anywhere: those of the proposal whose folder of the testsuite it lies in. */
    public static Set<Feature> features(Path script) {
        String name = script.toAbsolutePath().normalize().toString().replace('\\', '/');
        int folder = Math.max(name.lastIndexOf("/proposals/"), name.lastIndexOf("/legacy/"));
        return features(name.substring(folder + 1));
    }

    /** Reads a script for its own features. */
    public Script script(String name) throws IOException {
        WatOptions options = WatOptions.DEFAULT.withFeatures(features(name));
        return Script.parse(Files.readAllBytes(root.resolve(name)), name, options);
    }
}
