package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Timeout;

/** Traps of C programs show the source as a native symbolizer has it. The programs are the loader's. */
@Timeout(120)
class SourceLinesTest extends CommandLineTest {
    private static final Path LOADER = Path.of("../loader/src/test");
    private static final Pattern OFFSET = Pattern.compile(" @ 0x([0-9a-f]+) ");

    private String program(String name) throws IOException {
        for (String file : List.of(name + ".wasm", name + ".dwo", name + ".dwp")) {
            Path from = LOADER.resolve("resources/dwarf").resolve(file);
            if (Files.exists(from)) {
                Files.copy(from, temp.resolve(file));
            }
        }
        return temp.resolve(name + ".wasm").toString();
    }

    @Test
    void inlinedFunctionsAndTheirCallsAreShown() throws IOException {
        Outcome outcome = run("--invoke", "outer", program("dwarf5-O2"), "5");
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err().lines().toList()).satisfiesExactly(
                line -> assertThat(line).isEqualTo("sallyport: trap: unreachable"),
                line -> assertThat(line).isEqualTo("  at dwarf5-O2.wasm!checked (././trap.h:3:9), inlined"),
                line -> assertThat(line).matches("  at dwarf5-O2.wasm!outer @ 0x[0-9a-f]+ \\(\\./trap\\.c:13:16\\)"));
    }

    @Test
    void coreDumpsHaveThemWithoutTheModule() throws IOException {
        String dump = temp.resolve("core.wasm").toString();
        String program = program("dwarf5-O2");
        run("--coredump", dump, "--invoke", "outer", program, "5");
        Files.delete(Path.of(program));
        assertThat(run("inspect", dump).out()).contains(
                "       dwarf5-O2.wasm!checked (././trap.h:3:9), inlined\n  #0   dwarf5-O2.wasm!outer @ 0x",
                "(./trap.c:13:16)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "portable"})
    void callsAreShownWhereTheyAre(String backEnd) throws IOException {
        Outcome outcome = run("--back-end=" + backEnd, "--no-optimize", "--invoke", "outer", program("dwarf4-O0"), "2");
        assertThat(outcome.err().lines().toList()).satisfiesExactly(
                line -> assertThat(line).isEqualTo("sallyport: trap: integer divide by zero"),
                line -> assertThat(line).matches("  at dwarf4-O0.wasm!divide @ 0x[0-9a-f]+ \\(\\./trap\\.c:7:14\\)"),
                line -> assertThat(line).matches("  at dwarf4-O0.wasm!outer @ 0x[0-9a-f]+ \\(\\./trap\\.c:15:18\\)"));
    }

    @Test
    void splitDebugInformationBesideTheModuleIsFound() throws IOException {
        String program = program("split5");
        String wanted = "  at split5.wasm!checked (././trap.h:3:9), inlined";
        assertThat(run("--invoke", "outer", program, "5").err()).contains(wanted); // in split5.dwp
        Files.delete(temp.resolve("split5.dwp"));
        assertThat(run("--invoke", "outer", program, "5").err()).doesNotContain("inlined").contains("./trap.h:3:9");
        Files.move(temp.resolve("split5.dwo"), temp.resolve("trap.dwo"));
        assertThat(run("--invoke", "outer", program, "5").err()).contains(wanted);
    }

    @Test
    void javasStackTraceHasThem() throws IOException {
        Outcome outcome = run("--stacktrace", "--invoke", "outer", program("dwarf5-O2"), "5");
        assertThat(outcome.err()).contains("dwarf5-O2.wasm.checked(trap.h:3)", "dwarf5-O2.wasm.outer(trap.c:13)");
    }

    /** Compiled now, where clang and LLVM's tools are: the same as llvm-symbolizer says of the same places. */
    @Test
    void anotherCompilerOfTodayIsUnderstood() throws Exception {
        assumeTool("clang-19");
        assumeTool("wasm-ld-19");
        assumeTool("llvm-symbolizer-19");
        Path source = LOADER.resolve("programs").toAbsolutePath();
        for (String flags : List.of("-gdwarf-4 -O0", "-gdwarf-5 -O1", "-gdwarf-5 -Os", "-gdwarf-5 -O3")) {
            Path object = temp.resolve("now.o");
            Path module = temp.resolve("now.wasm");
            said("clang-19 --target=wasm32 -g " + flags + " -c " + source.resolve("trap.c") + " -o " + object);
            said("wasm-ld-19 --no-entry --export=outer " + object + " -o " + module);
            long code = codeSection(Files.readAllBytes(module));
            for (String argument : List.of("5", "2")) {
                String err = run("--invoke", "outer", module.toString(), argument).err();
                Matcher offset = OFFSET.matcher(err);
                assertThat(offset.find()).as(err).isTrue();
                long address = Long.parseLong(offset.group(1), 16) - code;
                String theirs = said("llvm-symbolizer-19 --no-demangle --inlines --obj=" + module + " " + address);
                String place = theirs.lines().filter(line -> line.contains(":")).findFirst().orElseThrow();
                assertThat(err).as(flags).contains("(" + place + ")");
            }
        }
    }

    /** Where the code section's contents begin. */
    private static long codeSection(byte[] binary) {
        int at = 8;
        while (true) {
            int id = binary[at++];
            int size = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = binary[at++];
                size |= (b & 0x7F) << shift;
                if (b >= 0) {
                    break;
                }
            }
            if (id == 10) {
                return at;
            }
            at += size;
        }
    }

    private static void assumeTool(String tool) throws Exception {
        try {
            said(tool + " --version");
        } catch (IOException e) {
            Assumptions.abort("SKIPPED: there is no " + tool + " here");
        }
    }

    private static String said(String command) throws Exception {
        Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        assertThat(process.exitValue()).as(command + ": " + out).isZero();
        return out;
    }
}
