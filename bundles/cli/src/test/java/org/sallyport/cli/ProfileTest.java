package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code run --profile}: which functions were at work. How much each was, ProfilerTest of itests/real compares. */
@Timeout(120)
class ProfileTest extends CommandLineTest {
    private static final String BUSY = """
            (module $busy
              (func $inner (param $n i32) (result i32) (local $x i32)
                (loop $l
                  (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 31)) (local.get $n)))
                  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $x))
              (func (export "work") (param $n i32)
                (loop $l
                  (drop (call $inner (i32.const 10000)))
                  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
            """;

    private Outcome profiled(String how) {
        Outcome outcome = run("--no-optimize", "--profile", how, "--invoke", "work", file("busy.wat", BUSY), "20000");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        return outcome;
    }

    @Test
    void aTableOfFunctions() {
        List<String> lines = profiled("text").err().lines().toList();
        assertThat(lines.get(0)).matches("profile: [\\d,]+ samples, one each 1 ms");
        assertThat(lines.get(1)).isEqualTo("  samples    self   total  function");
        assertThat(lines.get(2)).matches(" *[\\d,]+ +[\\d.]+% +[\\d.]+%  busy!inner");
        assertThat(lines.get(3)).matches(" *[\\d,]+ +[\\d.]+% +[\\d.]+%  busy!work");
    }

    /** What profiler.firefox.com looks for; it was not opened there. */
    @Test
    void aFileForTheFirefoxProfiler() throws IOException {
        Path file = temp.resolve("busy.json");
        assertThat(profiled("firefox," + file).err()).contains("samples written to " + file);
        String json = Files.readString(file);
        assertThat(json).contains("\"preprocessedProfileVersion\": 47", "\"busy!inner\"", "\"busy!work\"")
                .contains("\"stackTable\"", "\"frameTable\"", "\"funcTable\"", "\"stringArray\"");
    }

    @Test
    void aRecordingOfFlightRecorder() throws IOException {
        Path file = temp.resolve("busy.jfr");
        profiled("jfr," + file + ",2ms");
        List<RecordedEvent> samples = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("org.sallyport.GuestSample"))
                .toList();
        assertThat(samples).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getString("module")).isEqualTo("busy");
            assertThat(event.getString("function")).isIn("inner", "work");
            assertThat(event.getString("frames").lines().toList().getLast()).startsWith("busy!work");
        });
    }

    @Test
    void whatIsWrongIsSaid() {
        String file = file("busy.wat", BUSY);
        assertThat(run("--profile", "vtune", file).err()).contains("--profile vtune: expected text, firefox, jfr or perf");
        assertThat(run("--profile", "text,,5us", file).err()).contains("looking more often than each 100us is not possible");
        assertThat(run("--profile", "perf,x", file).status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run("--profile", "text", "--back-end", "portable", "--invoke", "work", file, "1").err())
                .contains("--profile: guests are class files here");
    }

    /** One that traps leaves a profile, too. */
    @Test
    void aGuestThatFailsIsProfiledUpToThere() {
        Outcome outcome = run("--profile", "text", file("trap.wat", "(module (func (export \"_start\") unreachable))"));
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err()).contains("profile: ", "trap: unreachable");
    }
}
