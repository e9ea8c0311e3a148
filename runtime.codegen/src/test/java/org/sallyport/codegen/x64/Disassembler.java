package org.sallyport.codegen.x64;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The system's disassembler, where there is one. */
final class Disassembler {
    private Disassembler() {}

    static boolean isAvailable() {
        try {
            Process process = new ProcessBuilder("objdump", "--version").redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One line per instruction, {@code offset: text}, blanks normalized. */
    static List<String> lines(byte[] code) throws IOException {
        Path file = Files.createTempFile("sallyport", ".bin");
        try {
            Files.write(file, code);
            Process process = new ProcessBuilder(
                            "objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--no-show-raw-insn",
                            "-w", file.toString())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            var lines = new ArrayList<String>();
            for (String line : out.split("\n")) {
                if (line.matches("\\s*[0-9a-f]+:\\s.*")) {
                    lines.add(line.strip().replaceAll("\\s+", " ").replaceAll("#.*", "").strip());
                }
            }
            return lines;
        } finally {
            Files.delete(file);
        }
    }

    /** Only the texts. */
    static List<String> texts(byte[] code) throws IOException {
        return lines(code).stream().map(line -> line.substring(line.indexOf(':') + 1).strip()).toList();
    }
}
