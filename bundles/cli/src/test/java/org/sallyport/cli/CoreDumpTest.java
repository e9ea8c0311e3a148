package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.LoadLimits;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;

/** A dump is read whole again, by the reader of dumps and, being a module, by loader and validator. */
@Timeout(120)
class CoreDumpTest extends CommandLineTest {
    private static final String LIBRARY = "(module $lib (memory (export \"shared\") 1) (global (export \"g\") i64 (i64.const -5))"
            + " (func (export \"fail\") (local i32 i64) unreachable))";
    private static final String MAIN = """
            (module $main
              (import "lib" "fail" (func $fail))
              (import "lib" "shared" (memory 1))
              (import "lib" "g" (global i64))
              (memory $own 3)
              (global $a (mut i32) (i32.const 7)) (global f32 (f32.const -0.5)) (global f64 (f64.const 0x1p-1000))
              (global v128 (v128.const i32x4 1 2 3 4)) (global funcref (ref.null func))
              (data $d (memory $own) (i32.const 65530) "across pages of the memory")
              (func $middle (param i32) (global.set $a (i32.const -9)) (call $fail))
              (func (export "f")
                (i32.store $own (i32.const 196604) (i32.const 0x01020304))
                (i64.store (i32.const 8) (i64.const 42))
                (call $middle (i32.const 1))))
            """;

    private Path dump() {
        Path dump = temp.resolve("core.wasm");
        Outcome outcome = run("--no-optimize", "--coredump", dump.toString(), "--preload", "lib=" + file("lib.wat", LIBRARY),
                "--invoke", "f", file("main.wat", MAIN));
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err()).startsWith("sallyport: core dumped to " + dump + ";").contains("trap: unreachable");
        return dump;
    }

    @Test
    void whatWasThereIsInIt() throws IOException {
        byte[] bytes = Files.readAllBytes(dump());
        assertThat(CoreDumpReader.isDump(bytes)).isTrue();
        CoreDump dump = CoreDumpReader.read(bytes);
        assertThat(dump.executable()).isEqualTo("main");
        assertThat(dump.modules()).containsExactly("lib", "main");
        assertThat(dump.instances()).containsExactly(
                new CoreDump.InstanceOf(0, List.of(0), List.of(0)),
                new CoreDump.InstanceOf(1, List.of(0, 1), List.of(0, 1, 2, 3, 4, 5)));
        assertThat(dump.memories()).extracting(CoreDump.MemoryOf::pages).containsExactly(1L, 3L);
        assertThat(contents(dump.memories().get(0), 8, 8)).isEqualTo(new byte[] {42, 0, 0, 0, 0, 0, 0, 0});
        assertThat(new String(contents(dump.memories().get(1), 65530, 26), StandardCharsets.US_ASCII))
                .isEqualTo("across pages of the memory");
        assertThat(contents(dump.memories().get(1), 196604, 4)).isEqualTo(new byte[] {4, 3, 2, 1});
        assertThat(dump.memories().get(1).segments()).hasSize(2); // all else is zero
        assertThat(dump.globals()).containsExactly(
                new CoreDump.GlobalOf(0x7E, -5, 0),
                new CoreDump.GlobalOf(0x7F, -9, 0),
                new CoreDump.GlobalOf(0x7D, 0xBF00_0000L, 0),
                new CoreDump.GlobalOf(0x7C, Double.doubleToRawLongBits(0x1p-1000), 0),
                new CoreDump.GlobalOf(0x7B, 0x2_0000_0001L, 0x4_0000_0003L),
                new CoreDump.GlobalOf(0x6F, 0, 0));
    }

    @Test
    void callsAreTheYoungestFirstWithTheirPlaces() throws IOException {
        CoreDump dump = CoreDumpReader.read(Files.readAllBytes(dump()));
        assertThat(dump.threads()).hasSize(1);
        List<CoreDump.Frame> frames = dump.threads().getFirst().frames();
        assertThat(frames).extracting(CoreDump.Frame::instance).containsExactly(0, 1, 1);
        assertThat(frames).extracting(CoreDump.Frame::function).containsExactly(0, 1, 2);
        assertThat(frames).extracting(CoreDump.Frame::locals).containsExactly(2, 1, 0);
        // two runs of locals, then unreachable; no locals, global.set of a constant, then call
        assertThat(frames.get(0).offset()).isEqualTo(5);
        assertThat(frames.get(1).offset()).isEqualTo(5);
    }

    @Test
    void aDumpIsAValidModule() throws IOException {
        byte[] bytes = Files.readAllBytes(dump());
        ValidModule valid = Parts.validate(bytes, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
        assertThat(valid.spaces().memoryCount()).isEqualTo(2);
        assertThat(valid.module().globals()).hasSize(6);
    }

    @Test
    void inspectShowsIt() {
        Outcome outcome = run("inspect", dump().toString());
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("core dump of main", "#0   lib!fail @ 0x", "#1   main!middle @ 0x", "#2   main!f @ 0x",
                "instance 1 of main:", "memory 1: 196,608 bytes", "global[1] i32 -9", "global[4] v128 0x0000000400000003");
    }

    @Test
    void aStoppedGuestLeavesOneToo() throws IOException {
        Path dump = temp.resolve("stopped.wasm");
        String loop = file("loop.wat", "(module $l (memory 1) (func (export \"f\") (loop $l (br $l))))");
        assertThat(run("--coredump", dump.toString(), "--timeout", "200ms", "--invoke", "f", loop).status())
                .isEqualTo(ExitStatus.TIMEOUT);
        assertThat(CoreDumpReader.read(Files.readAllBytes(dump)).threads().getFirst().frames()).hasSize(1);
    }

    @Test
    void whatEndsWellOrCannotBeWrittenLeavesNone() {
        Path dump = temp.resolve("none.wasm");
        assertThat(run("--coredump", dump.toString(), file("ok.wat", "(module (func (export \"_start\")))")).status()).isZero();
        assertThat(dump).doesNotExist();
        String trap = file("trap.wat", "(module (func (export \"_start\") unreachable))");
        Outcome outcome = run("--coredump", temp.resolve("no/dir").toString(), trap);
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err()).contains("no core dump: ", "trap: unreachable");
    }

    @Test
    void brokenDumpsAreRefusedWithTheirPlace() throws IOException {
        byte[] whole = Files.readAllBytes(dump());
        Random random = new Random(3);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] bytes = whole.clone();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                bytes[8 + random.nextInt(Math.min(bytes.length - 8, 400))] = (byte) random.nextInt(256);
            }
            try {
                CoreDumpReader.read(bytes);
            } catch (FailureException e) {
                refused++;
                assertThat(e.getMessage()).startsWith("no core dump: ");
            }
        }
        assertThat(refused).isGreaterThan(1000);
        assertThatThrownBy(() -> CoreDumpReader.read(java.util.Arrays.copyOf(whole, whole.length - 1)))
                .isInstanceOf(FailureException.class);
    }

    private static byte[] contents(CoreDump.MemoryOf memory, long address, int length) {
        byte[] bytes = new byte[length];
        for (CoreDump.Segment segment : memory.segments()) {
            for (int i = 0; i < segment.bytes().length; i++) {
                long at = segment.address() + i - address;
                if (at >= 0 && at < length) {
                    bytes[(int) at] = segment.bytes()[i];
                }
            }
        }
        return bytes;
    }
}
