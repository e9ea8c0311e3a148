package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.CompiledModule;

/**
 * Machine code for people. The instructions are read by the system's {@code objdump} (binutils), where it is installed;
 * otherwise the bytes are shown.
 */
final class MachineCode {
    private static final Pattern LINE = Pattern.compile("\\s*([0-9a-f]+):\\s+(.*)");
    private static final int BYTES_A_ROW = 16;

    /**
     * A row of a listing.
     *
     * @param offset from the start of the module's code
     * @param text an instruction, or bytes in hexadecimal
     */
    record Row(int offset, String text) {}

    private final CompiledModule compiled;
    private final boolean disassembles;

    private MachineCode(CompiledModule compiled, boolean disassembles) {
        this.compiled = compiled;
        this.disassembles = disassembles;
    }

    static MachineCode of(CompiledModule compiled) {
        return new MachineCode(compiled, architecture(compiled.target()) != null && isInstalled());
    }

    /** Whether rows are instructions. */
    boolean disassembles() {
        return disassembles;
    }

    /** @param function a function defined in the module, by its number among those */
    List<Row> rows(int function) throws IOException {
        int start = compiled.functionStart(function);
        byte[] bytes = Arrays.copyOfRange(compiled.code(), start, compiled.functionEnd(function));
        return disassembles ? instructions(bytes, start) : bytes(bytes, start);
    }

    private static List<Row> bytes(byte[] code, int start) {
        List<Row> rows = new ArrayList<>();
        for (int at = 0; at < code.length; at += BYTES_A_ROW) {
            byte[] some = Arrays.copyOfRange(code, at, Math.min(at + BYTES_A_ROW, code.length));
            rows.add(new Row(start + at, HexFormat.ofDelimiter(" ").formatHex(some)));
        }
        return rows;
    }

    private List<Row> instructions(byte[] code, int start) throws IOException {
        Path file = Files.createTempFile("sallyport", ".bin");
        try {
            Files.write(file, code);
            Process process = new ProcessBuilder(
                            "objdump", "-D", "-b", "binary", "-m", architecture(compiled.target()), "-M", "intel",
                            "--no-show-raw-insn", "-w", "--adjust-vma=" + start, file.toString())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            List<Row> rows = new ArrayList<>();
            for (String line : out.split("\n")) {
                Matcher row = LINE.matcher(line);
                if (row.matches()) {
                    String text = row.group(2).replaceAll("\\s+", " ").strip();
                    rows.add(new Row(Integer.parseInt(row.group(1), 16), text));
                }
            }
            return rows.isEmpty() ? bytes(code, start) : rows;
        } finally {
            Files.delete(file);
        }
    }

    private static @Nullable String architecture(String target) {
        return target.startsWith("x86") || target.startsWith("x64")
                ? "i386:x86-64"
                : target.startsWith("arm64") || target.startsWith("aarch64") ? "aarch64" : null;
    }

    private static boolean isInstalled() {
        try {
            Process process = new ProcessBuilder("objdump", "--version").redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
