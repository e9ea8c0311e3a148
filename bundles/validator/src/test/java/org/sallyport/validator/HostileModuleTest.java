package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.itests.support.Binary.hex;
import static org.sallyport.itests.support.Binary.join;
import static org.sallyport.itests.support.Binary.leb;
import static org.sallyport.itests.support.Binary.repeat;
import static org.sallyport.itests.support.Binary.signedLeb;
import static org.sallyport.validator.TestModule.code;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.sallyport.CompilationException;
import org.sallyport.CompileLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.WasmModule;

/**
 * Modules made to be expensive or damaged: the cost stays in proportion to the bytes, the failure is a documented one.
 */
class HostileModuleTest {
    private static final Duration SECONDS = Duration.ofSeconds(30);
    private static final int MANY = 200_000;

    private static void isCheap(TestModule module) {
        Assertions.assertTimeout(SECONDS, () -> assertThat(module.validate()).isNotNull());
    }

    private static byte[] thousand(String type) {
        return join(leb(1000), repeat(hex(type), 1000));
    }

    private static TestModule withWideTypes() {
        byte[] types = join(hex("03 600000 60"), thousand("7f"), thousand("7f"), hex("6000"), thousand("7f"));
        return new TestModule().section(1, types).section(3, "01 00");
    }

    @Test
    void nestingIsNotRecursion() {
        byte[] body = join(hex("00"), repeat(hex("0240"), MANY), repeat(hex("0b"), MANY + 1));
        ValidModule valid = TestModule.withTypes().section(3, "01 00").body(body).validate();
        assertThat(valid.facts(0).maxNesting()).isEqualTo(MANY + 1);
    }

    @Test
    void blocksWithManyOperands() {
        isCheap(withWideTypes().body(join(hex("00 00"), repeat(hex("0201 0b"), MANY), hex("00 0b"))));
    }

    @Test
    void branchTablesWithManyResults() {
        byte[] labels = join(hex("0e"), leb(60_000), repeat(hex("00 01 02"), 20_000), hex("00"));
        byte[] tables = repeat(labels, 10);
        byte[] body = join(hex("00"), repeat(hex("0202"), 3), hex("00"), tables, repeat(hex("0b 00"), 3), hex("0b"));
        isCheap(withWideTypes().body(body));
    }

    private static final int CHAIN = 60;

    /** A chain of subtypes, then functions that give 1000 references, nearly all to its first. */
    private static TestModule withSubtypes(int functions) {
        byte[] chain = hex("50005f00");
        for (int i = 1; i < CHAIN; i++) {
            chain = join(chain, hex("5001"), leb(i - 1), hex("5f00"));
        }
        byte[] types = join(leb(CHAIN + functions + 1), chain);
        for (int i = 0; i < functions; i++) { // no two are equal
            byte[] own = join(hex("63"), leb(i % CHAIN), hex("63"), leb(i / CHAIN));
            types = join(types, hex("6000"), leb(1000), own, repeat(hex("6300"), 998));
        }
        types = join(types, hex("600000"));
        return new TestModule().section(1, types).section(3, join(hex("01"), leb(CHAIN + functions)));
    }

    /** Blocks in each other, as many as there are functions, around the code. */
    private static byte[] inBlocks(int functions, byte[] code) {
        byte[] body = hex("00");
        for (int i = 0; i < functions; i++) {
            body = join(body, hex("02"), signedLeb(CHAIN + i));
        }
        return join(body, code, repeat(hex("0b00"), functions), hex("0b"));
    }

    private static byte[] table(byte[] labels, int count) {
        byte[] operands = repeat(join(hex("d0"), signedLeb(CHAIN - 1)), 1000);
        return join(operands, hex("4100 0e"), leb(count), labels, hex("00"));
    }

    @Test
    void branchTablesThatAlternateBetweenSubtypes() {
        byte[] tables = repeat(table(repeat(hex("00 01"), 30_000), 60_000), 100);
        isCheap(withSubtypes(2).body(inBlocks(2, tables)));
    }

    /** How often the validator asks its budget, which is over after so many times. */
    private static int asked(WasmModule module, int most) {
        AtomicInteger asked = new AtomicInteger();
        BooleanSupplier isOver = () -> asked.incrementAndGet() > most;
        CompileBudget budget = CompileBudget.begin(CompileLimits.DEFAULT, new CompileBudget.Shared(), 0, isOver);
        new ModuleValidator().validate(module, TestModule.ALL, LoadLimits.DEFAULT, budget, Runnable::run);
        return asked.get();
    }

    @Test
    void budgetEndsInsideOneBranchTable() {
        int labels = 500;
        byte[] different = new byte[0];
        for (int i = 0; i < labels; i++) {
            different = join(different, leb(i));
        }
        byte[] same = repeat(hex("00"), labels);
        WasmModule easy = withSubtypes(labels).body(inBlocks(labels, table(same, labels))).load();
        WasmModule hard = withSubtypes(labels).body(inBlocks(labels, table(different, labels))).load();
        int before = asked(easy, Integer.MAX_VALUE);
        assertThatThrownBy(() -> asked(hard, before + 5)).isInstanceOf(CompilationException.class);
    }

    @Test
    void countsInUnreachableCodeCostNothing() {
        byte[] body = join(hex("00 00"), repeat(join(hex("fb08 01"), leb(10_000), hex("1a")), MANY), hex("0b"));
        isCheap(new TestModule().section(1, "02 600000 5e7f00").section(3, "01 00").body(body));
    }

    @Test
    void manyFunctionsWithManyLocals() {
        int functions = 50_000;
        TestModule module = TestModule.withTypes().section(3, join(leb(functions), repeat(hex("00"), functions)));
        byte[] body = join(hex("01"), leb(50_000), hex("6470 0b"));
        for (int i = 0; i < functions; i++) {
            module.body(body);
        }
        isCheap(module);
    }

    @Test
    void operandStackHasALimit() {
        byte[] body = join(hex("00"), repeat(hex("4100"), 1_000_001), hex("0b"));
        assertThatThrownBy(() -> TestModule.withTypes().section(3, "01 00").body(body).validate())
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void chainsOfTypes() {
        List<byte[]> types = new ArrayList<>();
        types.add(join(leb(20_000), hex("5f00")));
        for (int i = 1; i < 20_000; i++) {
            types.add(join(hex("5f0164"), signedLeb(i - 1), hex("00")));
        }
        isCheap(new TestModule().section(1, join(types.toArray(byte[][]::new))));
    }

    /** About 4 MB of code; functions {@code bad} end with the given bytes in the place of {@code nop}. */
    private static byte[] large(byte[] end, int... bad) {
        int functions = 1000;
        TestModule module = TestModule.withTypes().section(3, join(leb(functions), repeat(hex("00"), functions)));
        byte[] work = repeat(code("i32.const 1", "drop"), 1300);
        for (int i = 0; i < functions; i++) {
            int function = i;
            boolean isBad = java.util.Arrays.stream(bad).anyMatch(b -> b == function);
            module.body(join(hex("00"), work, isBad ? end : hex("01"), hex("0b")));
        }
        return module.bytes();
    }

    @Test
    void threadsDoNotChangeTheResult() {
        byte[] valid = large(hex("01"));
        byte[] invalid = large(hex("1a"), 777, 300, 999);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Executor refusing = task -> {
                throw new RejectedExecutionException();
            };
            Executor forgetful = task -> {};
            for (Executor executor : List.of(threads, Runnable::run, refusing, forgetful)) {
                assertThat(TestModule.outcome(valid, executor)).isEqualTo("valid");
                assertThat(TestModule.outcome(invalid, executor)).startsWith("type mismatch").contains("code[300]");
            }
        }
    }

    @Test
    void interruptionIsKept() throws Exception {
        byte[] valid = large(hex("01"));
        Thread.currentThread().interrupt();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            assertThat(TestModule.outcome(valid, threads)).isEqualTo("valid");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
