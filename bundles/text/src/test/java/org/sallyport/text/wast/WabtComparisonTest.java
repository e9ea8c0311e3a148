package org.sallyport.text.wast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Byte for byte the same as WABT's {@code wat2wasm}, where it knows the features and does not go ways of its own. */
class WabtComparisonTest {
    /**
     * Where the tool, version 1.0.32, differs: function references and types without {@code null} are not known to it;
     * element expressions become function indices; block types that are empty or a single result are written short
     * though the text names a type; {@code select (result)} and an empty {@code else} are dropped; no data count
     * without data; annotations.
     */
    private static final Pattern OTHER_WAYS = Pattern.compile(
            "\\(ref |elem( \\$\\S+)? funcref|funcref\\s*\\((ref|item)|item \\(?ref\\.func"
                    + "|\\((block|loop|if)( \\$\\S+)? \\(type|(?<=[\\s(])(block|loop|if)\\s+\\(type"
                    + "|select \\(result\\)|\\(else\\)|\\(@|(memory\\.init|data\\.drop)(?![\\s\\S]*\\(data)");

    /** Modules of one script: the long ones repeat a few shapes. */
    private static final int AT_MOST = 8;

    @TestFactory
    Stream<DynamicTest> agreesWithWat2wasm(@TempDir Path folder) throws IOException {
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null || !hasTool()) {
            System.err.println("SKIPPED: wat2wasm or the WebAssembly testsuite is missing");
            Assumptions.abort("wat2wasm or the testsuite is missing");
        }
        return suite.names().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> compare(suite.script(name), folder)));
    }

    private static boolean hasTool() {
        try {
            return new ProcessBuilder("wat2wasm", "--version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void compare(Script script, Path folder) throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        int left = AT_MOST;
        for (Command command : script.commands()) {
            if (command instanceof Command.Module(int line, var _, Definition definition)
                    && definition.form() == Definition.Form.TEXT
                    && left-- > 0) {
                byte[] theirs = wat2wasm(definition.written(), folder);
                String text = new String(definition.written(), StandardCharsets.UTF_8);
                boolean comparable = theirs.length > 0 && !OTHER_WAYS.matcher(text).find();
                if (comparable && !Arrays.equals(theirs, definition.binary())) {
                    faults.add(script.file() + ":" + line);
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    /** Empty if the tool refuses the text. */
    private static byte[] wat2wasm(byte[] text, Path folder) throws IOException, InterruptedException {
        Path in = Files.write(folder.resolve("in.wat"), text);
        Path out = folder.resolve("out.wasm");
        Files.deleteIfExists(out);
        List<String> command = List.of("wat2wasm", "--enable-all", "--no-check", in.toString(), "-o", out.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0 ? Files.readAllBytes(out) : new byte[0];
    }
}
