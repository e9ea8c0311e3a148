package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.sallyport.CompilationException;
import org.sallyport.CompileLimits;
import org.sallyport.CompileOptions;
import org.sallyport.LimitExceededException;
import org.sallyport.TrapCode;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;

class CompileModuleTest {
    private static final IsaCodeGenerator GENERATOR = new IsaCodeGenerator(new X64(CpuFeatures.BASELINE));

    /** A module large enough for helpers to be invited. */
    private static ValidModule large() {
        var text = new StringBuilder("(module (memory 1)\n");
        for (int i = 0; i < 400; i++) {
            text.append("(func $f%d (param i32) (result i32) ".formatted(i));
            text.append("(i32.add (call $f%d (local.get 0)) ".formatted((i * 7 + 1) % 400));
            text.append("(i32.xor (i32.load offset=%d (local.get 0)) ".formatted(i).repeat(20));
            text.append("(i32.const ").append(i).append(")".repeat(21)).append("))\n");
        }
        return Machine.validate(text.append(")").toString());
    }

    private static byte[] code(ValidModule module, Executor executor) {
        return GENERATOR.compile(module, CompileOptions.DEFAULT, executor).code();
    }

    @Test
    void doesNotDependOnWhoCompilesWhat() {
        ValidModule module = large();
        byte[] alone = code(module, Runnable::run);
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 5; i++) {
                assertThat(code(module, pool)).isEqualTo(alone);
            }
        }
        assertThat(code(module, _ -> { })).as("an executor that never runs anything").isEqualTo(alone);
        assertThat(code(module, _ -> {
            throw new RejectedExecutionException();
        })).as("one that refuses").isEqualTo(alone);
    }

    @Test
    void theSameComesOfFunctionsThatAreCompiledSinglyMeanwhile() {
        ValidModule module = large();
        byte[] alone = code(module, Runnable::run);
        LazyCompiler lazy = GENERATOR.lazy(module, CompileOptions.DEFAULT, CompileBudget.unlimited());
        try (var pool = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 5; i++) {
                for (int function = 0; function < 400; function++) {
                    int single = function;
                    pool.execute(() -> lazy.compile(single, CompileBudget.unlimited()));
                }
                assertThat(lazy.compileAll(CompileBudget.unlimited(), Runnable::run).code()).isEqualTo(alone);
            }
        }
    }

    /** Shown by a function that is too large for the one budget, but not for the other. */
    @Test
    void doesNotCompileAgainWhatIsCompiledSinglyMeanwhile() {
        ValidModule module = Machine.validate("(module (func (param i32) (result i32) (local.get 0) "
                + "i32.eqz ".repeat(200_000) + "))");
        LazyCompiler lazy = GENERATOR.lazy(module, CompileOptions.DEFAULT, CompileBudget.unlimited());
        CompileLimits little = CompileLimits.DEFAULT.withMemoryBytes(8 << 20);
        CompileBudget tooSmall = CompileBudget.begin(little, new CompileBudget.Shared(), 0, () -> false);
        assertThatThrownBy(() -> lazy.compileAll(tooSmall, Runnable::run)).isInstanceOf(LimitExceededException.class);
        AtomicBoolean asked = new AtomicBoolean();
        CompileBudget withHelp = CompileBudget.begin(little, new CompileBudget.Shared(), 0, () -> {
            if (asked.compareAndSet(false, true)) {
                lazy.compile(0, CompileBudget.unlimited());
            }
            return false;
        });
        assertThat(lazy.compileAll(withHelp, Runnable::run).code()).isEqualTo(code(module, Runnable::run));
    }

    @Test
    void stopsWhenInterrupted() {
        ValidModule module = large();
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> code(module, Runnable::run)).isInstanceOf(CompilationException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void orderedTablesNameEveryTrapAndCall() {
        ValidModule module = large();
        CompiledModule compiled = GENERATOR.compile(module, CompileOptions.DEFAULT, Runnable::run);
        assertThat(compiled.functionCount()).isEqualTo(400);
        assertThat(compiled.tables().traps().sites().offsets()).isSorted().doesNotHaveDuplicates();
        assertThat(compiled.tables().calls().offsets()).isSorted().doesNotHaveDuplicates();
        assertThat(compiled.functions().starts()).isSorted();
        for (int i = 0; i < compiled.tables().traps().sites().offsets().length; i++) {
            int function = compiled.functionAt(compiled.tables().traps().sites().offsets()[i]);
            var body = module.module().bodies().get(function);
            assertThat(compiled.positionAt(compiled.tables().traps().sites().offsets()[i])).isBetween(body.code(), body.end());
        }
        assertThat(compiled.tables().traps().sites().offsets().length).isGreaterThan(400);
        assertThat(compiled.tables().calls().offsets()).hasSizeGreaterThanOrEqualTo(400);
    }

    @Test
    void knowsWhereATrapStands() {
        var machine = new Machine("""
                (module
                  (func (export "f") (param i32) (result i32)
                    (i32.add (i32.div_u (i32.const 1) (local.get 0)) (i32.div_s (local.get 0) (i32.const 0)))))
                """);
        assertThat(machine.trapOf("f", 0)).isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
        int first = position(machine, 0);
        int second = position(machine, 1);
        var body = machine.module.module().bodies().getFirst();
        byte[] binary = machine.module.module().binary();
        assertThat(binary[first]).as("i32.div_u").isEqualTo((byte) 0x6E);
        assertThat(binary[second]).as("i32.div_s").isEqualTo((byte) 0x6D);
        assertThat(List.of(first, second)).allMatch(p -> p >= body.code() && p < body.end());
    }

    private static int position(Machine machine, long argument) {
        try {
            machine.call("f", argument);
            throw new AssertionError("no trap");
        } catch (Machine.TrappedException e) {
            return e.position;
        }
    }

    @Test
    void saysInItsFingerprintWhatTheCodeDependsOn() {
        ValidModule module = Machine.validate("(module (func))");
        var options = CompileOptions.DEFAULT;
        String plain = GENERATOR.compile(module, options, Runnable::run).fingerprint();
        assertThat(plain).isEqualTo(GENERATOR.fingerprint());
        assertThat(new IsaCodeGenerator(new X64(CpuFeatures.ALL)).fingerprint()).isNotEqualTo(GENERATOR.fingerprint());
        assertThat(List.of(
                        plain,
                        GENERATOR.compile(module, options.withExplicitBoundsChecks(true), Runnable::run).fingerprint(),
                        GENERATOR.compile(module, options.withOptimize(false), Runnable::run).fingerprint()))
                .doesNotHaveDuplicates();
    }

    /** {@link X64#returnAddress} speaks of these two instructions. */
    @Test
    void everyFunctionBeginsByMakingItsFrame() {
        ValidModule module = Machine.validate("""
                (module (memory 1) (func) (func (call 0)) (func (param i32) (result i32) (i32.load (local.get 0)))
                  (func (local f64) (loop (br 0))))
                """);
        CompiledModule compiled = GENERATOR.compile(module, CompileOptions.DEFAULT, Runnable::run);
        for (int start : Arrays.copyOf(compiled.functions().starts(), compiled.functionCount())) {
            byte[] first = Arrays.copyOfRange(compiled.code(), start, start + 4);
            assertThat(first).as("push rbp; mov rbp, rsp").isEqualTo(new byte[] {0x55, 0x48, (byte) 0x89, (byte) 0xE5});
        }
        assertThat(List.of(GENERATOR.returnAddress(0), GENERATOR.returnAddress(1), GENERATOR.returnAddress(4)))
                .containsExactly(0, 8, -1);
    }

    @Test
    void callsAreCompletedOverAllOfTheReach() {
        Isa.Branches branches = new X64(CpuFeatures.BASELINE).branches();
        for (long distance : new long[] {4, 0, -100, branches.reach() - 1, 5 - branches.reach()}) {
            byte[] code = new byte[12];
            branches.complete(code, 3, distance);
            int field = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getInt(3);
            assertThat(3L + 4 + field).as("where the call goes").isEqualTo(3 + distance);
        }
    }

    @Test
    void dumpsEveryStage() {
        ValidModule module = Machine.validate("(module (func (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))");
        assertThat(GENERATOR.dump(module, 0, CompileOptions.DEFAULT))
                .contains("=== built", "=== simplify", "=== lowered", "imul_rr", "=== allocated", "=== machine code",
                        "0f af");
    }

    /** The allocator lets the sum overwrite the operand that dies, which is the second: each is shown where it is. */
    @Test
    void dumpsShowOperandsInTheirOwnRegisters() {
        ValidModule module = Machine.validate("(module (func (param i32 i32) (result i32)"
                + " (i32.mul (i32.add (local.get 0) (local.get 1)) (local.get 0))))");
        String dump = GENERATOR.dump(module, 0, CompileOptions.DEFAULT);
        String allocated = dump.substring(dump.indexOf("=== allocated"), dump.indexOf("=== machine code"));
        assertThat(allocated).containsPattern(
                Pattern.compile("(v\\d+):rdi, (v\\d+):rsi = args\n.*\n.*add.dword \\1:rdi, \\2:(?!rdi)"));
    }
}
