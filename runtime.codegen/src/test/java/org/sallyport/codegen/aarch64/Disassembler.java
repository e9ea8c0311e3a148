package org.sallyport.codegen.aarch64;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The disassembler of GNU binutils for AArch64, where it is installed ({@code binutils-aarch64-linux-gnu}). */
final class Disassembler {
    private static final Path TOOL = Path.of("/usr/bin/aarch64-linux-gnu-objdump");

    private Disassembler() {}

    /** The instructions' texts, without comments; null if there is no tool, which is said loudly. */
    static @Nullable List<String> disassemble(byte[] code) throws IOException {
        if (!Files.isExecutable(TOOL)) {
            System.err.println("NOT CHECKED: what a disassembler says of AArch64 code; " + TOOL + " is not installed");
            return null;
        }
        Path file = Files.createTempFile("sallyport", ".bin");
        try {
            Files.write(file, code);
            Process process = new ProcessBuilder(
                            TOOL.toString(), "-D", "-b", "binary", "-m", "aarch64", "--no-show-raw-insn", file.toString())
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> line.matches("\\s*[0-9a-f]+:\\t.*"))
                    .map(line -> line.substring(line.indexOf('\t') + 1).replaceAll("\\s*//.*", "").replace('\t', ' ').strip())
                    .toList();
        } finally {
            Files.delete(file);
        }
    }
}
