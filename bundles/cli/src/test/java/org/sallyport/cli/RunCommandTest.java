package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.wasi.Preopen;

@Timeout(60)
class RunCommandTest extends CommandLineTest {
    private static final String FUNCTIONS =
            """
            (module $sample
              (memory (export "memory") 1)
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
              (func (export "id64") (param i64) (result i64) (local.get 0))
              (func (export "half") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
              (func (export "neg32") (param f32) (result f32) (f32.neg (local.get 0)))
              (func (export "both") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
              (func (export "forever") (loop $l (br $l)))
              (func $deep (export "deep") (call $deep))
              (func $inner (unreachable))
              (func $outer (export "trap") (call $inner))
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
            """;

    /** Writes its arguments but the first, NUL bytes included, and ends with their number. */
    private static final String ECHO =
            """
            (module
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "_start")
                (drop (call $sizes (i32.const 0) (i32.const 4)))
                (drop (call $args (i32.const 100) (i32.const 1000)))
                (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1)) (then
                  (i32.store (i32.const 8) (i32.load (i32.const 104)))
                  (i32.store (i32.const 12)
                    (i32.sub (i32.add (i32.load (i32.const 4)) (i32.const 1000)) (i32.load (i32.const 104))))
                  (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))
                (call $exit (i32.sub (i32.load (i32.const 0)) (i32.const 1)))))
            """;

    /** Starts two threads that wait for ever, and ends with how many there are, 10 for none at all. */
    private static final String THREADS =
            """
            (module
              (import "env" "memory" (memory 1 4 shared))
              (export "memory" (memory 0))
              (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (func (export "wasi_thread_start") (param i32 i32)
                (drop (memory.atomic.wait32 (i32.const 512) (i32.const 0) (i64.const -1))))
              (func (export "_start")
                (drop (call $spawn (i32.const 1)))
                (call $exit (call $spawn (i32.const 1)))))
            """;

    /** Copies one portion of standard input to standard output and one to standard error. */
    private static final String COPY =
            """
            (module
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start")
                (i32.store (i32.const 0) (i32.const 100))
                (i32.store (i32.const 4) (i32.const 1000))
                (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.store (i32.const 4) (i32.load (i32.const 8)))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """;

    private Outcome invoke(String function, String... args) {
        String[] line = new String[4 + args.length];
        line[0] = "run";
        line[1] = "--invoke";
        line[2] = function;
        line[3] = file("f.wat", FUNCTIONS);
        System.arraycopy(args, 0, line, 4, args.length);
        return run(line);
    }

    @Test
    void functionsTakeTypedArgumentsAndPrintResults() {
        assertThat(invoke("add", "3", "4")).isEqualTo(new Outcome(0, "7\n", ""));
        assertThat(invoke("add", "-3", "0xFFFFFFFF").out()).isEqualTo("-4\n");
        assertThat(invoke("add", "4_294_967_295", "0").out()).isEqualTo("-1\n");
        assertThat(invoke("id64", "0x8000000000000000").out()).isEqualTo("-9223372036854775808\n");
        assertThat(invoke("half", "3").out()).isEqualTo("1.5\n");
        assertThat(invoke("half", "-inf").out()).isEqualTo("-inf\n");
        assertThat(invoke("half", "0x1.8p1").out()).isEqualTo("1.5\n");
        assertThat(invoke("neg32", "nan").out()).isEqualTo("-nan\n");
        assertThat(invoke("both", "1", "2").out()).isEqualTo("2\n1\n");
    }

    @Test
    void argumentsOfAnotherTypeAreWrongUsage() {
        String[][] wrong = {{"x", "1"}, {"1"}, {"1", "2", "3"}, {"4294967296", "1"}, {"1.5", "1"}, {"--5", "1"}};
        for (String[] args : wrong) {
            Outcome outcome = invoke("add", args);
            assertThat(outcome.status()).as(String.join(" ", args)).isEqualTo(ExitStatus.USAGE);
            assertThat(outcome.err()).as(String.join(" ", args)).contains("add");
            assertThat(outcome.out()).isEmpty();
        }
        assertThat(invoke("half", "1f").status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void anUnknownFunctionIsAFailure() {
        Outcome outcome = invoke("ad", "1", "2");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("ad").hasLineCount(1);
    }

    @Test
    void trapsShowTheWasmBacktrace() {
        Outcome outcome = invoke("trap");
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err().lines()).hasSize(3);
        assertThat(outcome.err().lines().toList().get(0)).isEqualTo("sallyport: trap: unreachable");
        assertThat(outcome.err().lines().toList().get(1)).matches("  at sample!inner @ 0x[0-9a-f]+");
        assertThat(outcome.err().lines().toList().get(2)).matches("  at sample!outer @ 0x[0-9a-f]+");
        assertThat(invoke("div", "1", "0").err()).startsWith("sallyport: trap: integer divide by zero\n");
        assertThat(invoke("deep").err()).startsWith("sallyport: trap: call stack exhausted").endsWith("  …\n");
    }

    @Test
    void uncaughtExceptionsShowTheirValuesAndTheBacktrace() {
        Outcome outcome = run("run", "--no-cache", "--invoke", "f", file("throws.wat", """
                (module $m
                  (tag $e (param i32 f64))
                  (func $inner (throw $e (i32.const 7) (f64.const 0.5)))
                  (func $f (export "f") (call $inner) (nop) (nop) (call $inner)))
                """));
        assertThat(outcome.status()).isEqualTo(ExitStatus.TRAP);
        assertThat(outcome.err().lines().toList().get(0))
                .isEqualTo("sallyport: uncaught exception with values (i32 f64): 7 0.5");
        assertThat(outcome.err().lines().toList().get(1)).matches("  at m!inner @ 0x[0-9a-f]+");
        assertThat(outcome.err().lines().toList().get(2)).matches("  at m!f @ 0x[0-9a-f]+");
    }

    @Test
    void anUnknownFunctionOfWasiIsNamedWithTheNearest() {
        Outcome outcome = run("run", file("f.wat", """
                (module
                  (import "wasi_snapshot_preview1" "fd_wite" (func (param i32 i32 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
                  (func (export "_start")))
                """));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("did you mean \"fd_write\"?").doesNotContain("fd_close");
    }

    @Test
    void vectorsAreArgumentsAndResults() {
        String file = file("v.wat", """
                (module (func (export "add") (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1))))
                """);
        Outcome sum = run("run", "--invoke", "add", file, "i32x4 1 2 3 4", "i32x4 -1 0 0 0x10");
        assertThat(sum).isEqualTo(new Outcome(0, "i64x2 0x200000000 0x1400000003\n", ""));
        assertThat(run("run", "--invoke", "add", file, sum.out().strip(), "i64x2 0 0").out()).isEqualTo(sum.out());
        Outcome wrong = run("run", "--invoke", "add", file, "i32x4 1 2 3 4", "7");
        assertThat(wrong.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(wrong.err()).isEqualTo("sallyport: argument 2 of add: expected v128, found \"7\": does not begin with a shape,"
                + " as in \"i32x4 1 2 3 4\"\n");
    }

    @Test
    void aTimeoutStopsTheGuest() {
        String err = "";
        for (int millis = 100; millis < 10_000 && !err.contains("  at "); millis *= 3) { // it may not have begun by then
            Outcome outcome = run("run", "--timeout", millis + "ms", "--invoke", "forever", file("f.wat", FUNCTIONS));
            err = outcome.err();
            assertThat(outcome.status()).isEqualTo(ExitStatus.TIMEOUT);
            assertThat(err).startsWith("sallyport: timeout: the guest was stopped after " + millis + " ms\n");
        }
        assertThat(err).matches("sallyport: timeout: .*\n  at sample!forever.*\n");
        Outcome inTime = run("run", "--timeout", "60s", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2");
        assertThat(inTime.status()).isZero();
        assertThat(run("run", "--timeout", "soon", file("f.wat", FUNCTIONS)).status()).isEqualTo(ExitStatus.USAGE);
        Outcome none = run("run", "--timeout", "0s", file("f.wat", FUNCTIONS));
        assertThat(none.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(none.err()).contains("--timeout 0s leaves the guest no time at all");
    }

    @Test
    void verboseTellsWhatLivesInTheHeap() throws Exception {
        String guest = """
                (module
                  (type $list (struct (field i32) (field (mut (ref null $list)))))
                  (type $bytes (array (mut i8)))
                  (global $kept (mut (ref null $list)) (ref.null $list))
                  (global $bytes (mut (ref null $bytes)) (ref.null $bytes))
                  (func (export "keep") (param i32)
                    (global.set $bytes (array.new_default $bytes (i32.const 1000)))
                    (loop $more
                      (global.set $kept (struct.new $list (local.get 0) (global.get $kept)))
                      (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
                """;
        Outcome outcome = run("run", "--verbose", "--invoke", "keep", file("heap.wat", guest), "10");
        assertThat(outcome.err())
                .contains("heap: 11 objects, 1168 bytes of ", "1008 bytes         1 objects  (array (mut i8))",
                        "160 bytes        10 objects  (struct i32 (mut (ref null ");
        assertThat(run("run", "--verbose", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2").err())
                .doesNotContain("heap:");
    }

    @Test
    void fuelStopsTheGuest() {
        Outcome outcome = run("run", "--fuel", "50k", "--verbose", "--invoke", "forever", file("f.wat", FUNCTIONS));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FUEL);
        assertThat(outcome.err())
                .contains("fuel used: 50000\n")
                .contains("sallyport: fuel: the guest was stopped: the store's fuel is used up (set by --fuel)\n")
                .contains("  at sample!forever");
        Outcome enough = run(
                "run", "--fuel=50000", "--verbose", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2");
        assertThat(enough.out()).isEqualTo("3\n");
        assertThat(enough.err()).contains("fuel used: 4\n");
        assertThat(run("run", "--count-fuel", "--verbose", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2").err())
                .contains("fuel used: 4\n");
        for (String wrong : new String[] {"-1", "much", "10 seconds", "9223372036854775807"}) {
            Outcome refused = run("run", "--fuel=" + wrong, file("f.wat", FUNCTIONS));
            assertThat(refused.status()).isEqualTo(ExitStatus.USAGE);
            assertThat(refused.err()).contains("--fuel: ");
        }
    }

    @Test
    void threadsEndWithTheProgramAndAreLimited() {
        String file = file("t.wat", THREADS);
        assertThat(run("run", file).status()).isEqualTo(2);
        assertThat(run("run", "--threads", "2", file).status()).isEqualTo(2);
        assertThat(run("run", "--threads", "1", file).status() & 0xFF).isEqualTo(-6 & 0xFF); // EAGAIN
        Outcome none = run("run", "--threads", "0", file);
        assertThat(none.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(none.err()).contains("\"wasi\" \"thread-spawn\"");
        for (String wrong : new String[] {"-1", "many", "5000000000"}) {
            assertThat(run("run", "--threads=" + wrong, file).status()).isEqualTo(ExitStatus.USAGE);
        }
    }

    @Test
    void memoryIsLimited() {
        String file = file("f.wat", FUNCTIONS);
        assertThat(run("run", "--max-memory", "1m", "--invoke", "grow", file, "15").out()).isEqualTo("1\n");
        assertThat(run("run", "--max-memory", "1m", "--invoke", "grow", file, "16").out()).isEqualTo("-1\n");
        Outcome tooLittle = run("run", "--max-memory", "1k", "--invoke", "grow", file, "0");
        assertThat(tooLittle.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(tooLittle.err()).contains("limit").contains("1024");
        assertThat(run("run", "--max-memory", "much", file).status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void exceptionsAreLimited() {
        String file = file("kept.wat", """
                (module
                  (tag $e (param i64))
                  (table $kept 1 exnref)
                  (func (export "keep") (param $n i32)
                    (loop $more
                      (if (i32.eqz (local.get $n)) (then (return)))
                      (table.set $kept
                        (i32.sub (table.grow $kept (ref.null exn) (i32.const 1)) (i32.const 1))
                        (block $caught (result exnref)
                          (try_table (catch_all_ref $caught) (throw $e (i64.const 7)))
                          (unreachable)))
                      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                      (br $more))))
                """);
        assertThat(run("run", "--invoke", "keep", file, "5000").status()).isZero();
        Outcome tooLittle = run("run", "--max-exceptions", "64k", "--invoke", "keep", file, "5000");
        assertThat(tooLittle.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(tooLittle.err()).contains("bytes of live exceptions", "allowed 65536", "set by --max-exceptions");
        assertThat(run("run", "--max-exceptions", "few", file).status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void optionsBehindTheFileAreTheGuests() {
        Outcome outcome = run("run", file("echo.wat", ECHO), "--dir", "-x", "", "grüße");
        assertThat(outcome.out()).isEqualTo("--dir\0-x\0\0grüße\0");
        assertThat(outcome.status()).isEqualTo(4);
    }

    @Test
    void theGuestHasTheStandardStreams() {
        assertThat(runWith("hello", "run", file("copy.wat", COPY))).isEqualTo(new Outcome(0, "hello", "hello"));
    }

    @Test
    void controlCharactersAreReplacedOnRequest() {
        String escape = "a\033[1mb\n";
        assertThat(runWith(escape, "run", file("copy.wat", COPY)).out()).isEqualTo(escape);
        assertThat(runWith(escape, "run", "--plain-output", file("copy.wat", COPY)).out()).isEqualTo("a\uFFFD[1mb\n");
    }

    @Test
    void otherSettingsGiveTheSameResults() {
        String file = file("f.wat", FUNCTIONS);
        for (String option : new String[] {
            "--no-optimize", "--explicit-bounds-checks", "--compile=eager", "--compile=lazy", "--compile=background"
        }) {
            Outcome outcome = run("run", "--no-cache", option, "--invoke", "add", file, "1", "2");
            assertThat(outcome).as(option).isEqualTo(new Outcome(0, "3\n", ""));
            Outcome trap = run("run", "--no-cache", option, "--invoke", "trap", file);
            assertThat(trap.status()).as(option).isEqualTo(ExitStatus.TRAP);
            assertThat(trap.err()).as(option).contains("  at sample!inner @ 0x", "  at sample!outer @ 0x");
        }
        for (String wrong : new String[] {"--compile=soon", "--compile="}) {
            Outcome outcome = run("run", wrong, "--invoke", "add", file, "1", "2");
            assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
            assertThat(outcome.err()).contains("--compile ", "eager, lazy or background").hasLineCount(1);
        }
    }

    @Test
    void verboseSaysWhatRuns() {
        Outcome outcome = run("run", "--verbose", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2");
        assertThat(outcome.out()).isEqualTo("3\n");
        assertThat(outcome.err()).contains("back end: ", "module sample", " ms");
    }

    @Test
    void whatIsNoModuleIsAFailureWithOneMessage() {
        assertThat(run("run", temp.resolve("none.wasm").toString()))
                .isEqualTo(new Outcome(1, "", "sallyport: " + temp.resolve("none.wasm") + ": no such file\n"));
        assertThat(run("run", temp.toString()).err()).contains("is a directory");
        Outcome text = run("run", file("bad.wat", "(module (func (export \"f\") (i32.addd)))"));
        assertThat(text.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(text.err()).contains("bad.wat:1:").contains("i32.addd");
        Outcome junk = run("run", file("junk", "junk"));
        assertThat(junk.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(junk.err()).contains("is no WebAssembly").doesNotContain("Exception");
        Outcome invalid = run("run", file("invalid.wat", "(module (func (result i32)))"));
        assertThat(invalid.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(invalid.err()).contains("type mismatch");
        String imports = "(module (import \"env\" \"f\" (func)) (func (export \"_start\")))";
        Outcome unlinked = run("run", file("import.wat", imports));
        assertThat(unlinked.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(unlinked.err()).contains("unknown import").contains("\"env\" \"f\"");
    }

    @Test
    void aModuleWithoutEntryNamesItsFunctions() {
        Outcome outcome = run("run", file("f.wat", FUNCTIONS));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("_start", "--invoke", "add, div");
    }

    @Test
    void aStackTraceIsShownOnlyOnRequest() {
        String file = file("junk", "junk");
        assertThat(run("run", file).err()).doesNotContain("\tat ");
        assertThat(run("run", "--stacktrace", file).err()).contains("\tat org.sallyport.");
    }

    @Test
    void directoriesAreReadOnlyUnlessSaidOtherwise() {
        assertThat(RunCommand.preopen("data"))
                .isEqualTo(new Preopen(Path.of("data"), "data", Preopen.Access.READ_ONLY));
        assertThat(RunCommand.preopen("data::/d"))
                .isEqualTo(new Preopen(Path.of("data"), "/d", Preopen.Access.READ_ONLY));
        assertThat(RunCommand.preopen("a::/::ro").access()).isEqualTo(Preopen.Access.READ_ONLY);
        assertThat(RunCommand.preopen("a::/::rw").access()).isEqualTo(Preopen.Access.READ_WRITE);
        for (String wrong : new String[] {"", "::/d", "a::", "a::b::x", "a::b::rw::c"}) {
            assertThatThrownBy(() -> RunCommand.preopen(wrong)).isInstanceOf(UsageException.class);
        }
        Outcome missing = run("run", "--dir", temp.resolve("none").toString(), file("copy.wat", COPY));
        assertThat(missing.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(missing.err()).contains("none").contains("no such file").hasLineCount(1);
    }

    @Test
    void standardInputCanBeTheModule() throws Exception {
        assertThat(runWith(FUNCTIONS, "run", "--invoke", "add", "-", "1", "2").out()).isEqualTo("3\n");
        Path binary = temp.resolve("f.wasm");
        assertThat(run("wat2wasm", file("f.wat", FUNCTIONS), "-o", binary.toString()).status()).isZero();
        assertThat(Files.readAllBytes(binary)).startsWith(0, 'a', 's', 'm');
        assertThat(run("run", "--invoke", "add", binary.toString(), "1", "2").out()).isEqualTo("3\n");
        assertThat(run("wasm2wat", binary.toString()).out()).contains("(module", "i32.add");
    }

    @Test
    void numbersAreThoseOfTheTextFormat() {
        String file = file("n.wat", """
                (module
                  (func (export "") (result i32) (i32.const 5))
                  (func (export "f32") (param f32) (result f32) (local.get 0))
                  (func (export "f64") (param f64) (result f64) (local.get 0))
                  (func (export "bits") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
                  (func (export "float") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
                  (func (export "i32") (param i32) (result i32) (local.get 0))
                  (func (export "i64") (param i64) (result i64) (local.get 0)))
                """);
        String[][] right = {
            {"f32", "nan:0x1", "nan:0x1"}, {"f32", "-nan", "-nan"}, {"f32", "-nan:0x7fffff", "-nan:0x7fffff"},
            {"f32", "0x1.fffffep127", "3.4028235E38"}, {"f32", "0x0.000002p-126", "1.4E-45"}, {"f32", "1_0.5e0", "10.5"},
            {"f64", "-nan:0x8000000000001", "-nan:0x8000000000001"}, {"f64", "-inf", "-inf"}, {"f64", "-0", "-0.0"},
            {"bits", "nan:0x200000", "2141192192"}, {"float", "0xffc00001", "-nan:0x400001"},
            {"i32", "-0x8000_0000", "-2147483648"}, {"i32", "2147483648", "-2147483648"}, {"i64", "0xFFFFFFFFFFFFFFFF", "-1"}
        };
        for (String[] call : right) {
            assertThat(run("run", "--invoke", call[0], file, call[1]))
                    .as(String.join(" ", call))
                    .isEqualTo(new Outcome(0, call[2] + "\n", ""));
        }
        String[][] wrong = {
            {"f32", "nan:0x0"}, {"f32", "1e39"}, {"f32", "infinity"}, {"f32", "1__0"}, {"f32", "0x"}, {"i32", "+2147483648"},
            {"i32", "-2147483649"}, {"i32", "1_"}, {"i32", "0X1"}, {"i64", "18446744073709551616"}
        };
        for (String[] call : wrong) {
            Outcome outcome = run("run", "--invoke", call[0], file, call[1]);
            assertThat(outcome.status()).as(String.join(" ", call)).isEqualTo(ExitStatus.USAGE);
            assertThat(outcome.err())
                    .contains("argument 1 of " + call[0] + ": expected " + call[0] + ", found \"" + call[1] + "\": ");
        }
        assertThat(run("run", "--invoke", "", file)).isEqualTo(new Outcome(0, "5\n", ""));
        assertThat(run("run", "--invoke=", file)).isEqualTo(new Outcome(0, "5\n", ""));
        assertThat(run("run", "--invoke", "", file, "1").err()).contains("\"\" takes 0 arguments");
    }

    @Test
    void whatWasiCallsTakesAndGivesNothing() {
        String[][] wrong = {
            {"_start", "(param i32)"}, {"_start", "(result i32) (i32.const 1)"}, {"_start", "(param i64 f32)"},
            {"_initialize", "(param i32)"}, {"_initialize", "(result f64) (f64.const 0)"}
        };
        for (String[] entry : wrong) {
            String module = file("e.wat", "(module (func (export \"" + entry[0] + "\") " + entry[1] + ") (func (export \"f\")))");
            Outcome outcome = run("run", module);
            assertThat(outcome.status()).as(entry[1]).isEqualTo(ExitStatus.FAILURE);
            assertThat(outcome.err())
                    .startsWith("sallyport: e.wat: " + entry[0] + " is a function (")
                    .contains("takes and gives nothing", "--invoke " + entry[0])
                    .hasLineCount(1);
            int status = entry[0].equals("_initialize") ? ExitStatus.FAILURE : ExitStatus.OK;
            assertThat(run("run", "--invoke", "f", module).status()).as(entry[1]).isEqualTo(status);
        }
        String start = file("s.wat", "(module (func (export \"_start\") (param i32) (result i32) (local.get 0)))");
        assertThat(run("run", "--invoke", "_start", start, "7")).isEqualTo(new Outcome(0, "7\n", ""));
        String both = file("b.wat", "(module (func (export \"_initialize\") (result i32) (i32.const 8)))");
        assertThat(run("run", "--invoke", "_initialize", both)).isEqualTo(new Outcome(0, "8\n", ""));
    }

    @Test
    void endlessRecursionIsToldOnce() {
        Outcome deep = invoke("deep");
        assertThat(deep.err().lines().filter(line -> line.contains("!deep @ 0x"))).hasSizeLessThan(6);
        assertThat(deep.err()).containsPattern("\n  … \\d\\d more of the same\n  …\n$");
        String pair = file("p.wat", """
                (module (func $a (export "a") (call $b)) (func $b (call $c)) (func $c (call $a)))
                """);
        assertThat(run("run", "--invoke", "a", pair).err()).containsPattern("… \\d\\d more of the same 3\n").satisfies(
                err -> assertThat(err.lines().count()).isLessThan(18));
    }

    @Test
    void aCompilationThatTakesLongerThanAllowedNamesTheOption() {
        Outcome outcome = run(
                "run", "--no-cache", "--compile-timeout", "1ns", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("took longer than allowed", "--compile-timeout").doesNotContain("CompileLimits");
        assertThat(run("run", "--compile-timeout", "5m", "--invoke", "add", file("f.wat", FUNCTIONS), "1", "2").out())
                .isEqualTo("3\n");
        for (String wrong : new String[] {"0", "long"}) {
            Outcome refused = run("compile", "--compile-timeout", wrong, "-o", "/dev/null", file("f.wat", FUNCTIONS));
            assertThat(refused.status()).isEqualTo(ExitStatus.USAGE);
            assertThat(refused.err()).contains("--compile-timeout: ");
        }
    }

    @Test
    void limitsWithoutAnOptionSaySo() {
        String tables = "(table 20000000 funcref) (func (export \"_start\"))";
        Outcome outcome = run("run", file("t.wat", "(module " + tables + ")"));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("table elements limit", "(no option changes it)").doesNotContain("StoreLimits");
    }
}
