package org.sallyport.itests.artefacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the build made, and a user's machine for it. */
final class Built {
    static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    static final String VERSION = System.getProperty("sallyport.version");
    /** Holds what is published, and perhaps more that the build needed. */
    static final Path REPOSITORY = Path.of("target/repository").toAbsolutePath();
    /** The modules of {@code org.sallyport}, in the order of a class path. */
    static final List<String> PARTS =
            List.of("wasm", "api", "loader", "validator", "store", "text", "codegen", "engine", "wasi", "host");

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private Built() {}

    /** A file of an artefact as it is in the repository. */
    static Path artefact(String artifactId, String suffix) {
        return REPOSITORY.resolve("org/sallyport").resolve(artifactId).resolve(VERSION)
                .resolve(artifactId + "-" + VERSION + suffix);
    }

    static Path jar(String artifactId) {
        return artefact(artifactId, ".jar");
    }

    /** A file that the distribution's build made. */
    static Path distribution(String suffix) {
        return ROOT.resolve("dist/target/sallyport-" + VERSION + suffix);
    }

    static String tool(String name) {
        return JAVA_HOME.resolve("bin").resolve(name).toString();
    }

    static String javaHome() {
        return JAVA_HOME.toString();
    }

    /** A copy of a newcomer's project, with the version that was built. */
    static Path project(String name, Path into) throws IOException {
        Path from = Path.of("newcomers").resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    Path to = into.resolve(from.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.writeString(to, Files.readString(file).replace("@VERSION@", VERSION));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return into;
    }
}
