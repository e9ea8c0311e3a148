package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.validator.TestModule.code;
import static org.sallyport.validator.TestModule.hex;
import static org.sallyport.validator.TestModule.join;
import static org.sallyport.validator.TestModule.repeat;
import static org.sallyport.validator.TestModule.signed;
import static org.sallyport.validator.TestModule.unsigned;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.MalformedModuleException;
import org.sallyport.SallyportException;
import org.sallyport.spi.LoadLimits;
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
        return join(unsigned(1000), repeat(hex(type), 1000));
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
        byte[] labels = join(hex("0e"), unsigned(60_000), repeat(hex("00 01 02"), 20_000), hex("00"));
        byte[] tables = repeat(labels, 10);
        byte[] body = join(hex("00"), repeat(hex("0202"), 3), hex("00"), tables, repeat(hex("0b 00"), 3), hex("0b"));
        isCheap(withWideTypes().body(body));
    }

    @Test
    void countsInUnreachableCodeCostNothing() {
        byte[] body = join(hex("00 00"), repeat(join(hex("fb08 01"), unsigned(10_000), hex("1a")), MANY), hex("0b"));
        isCheap(new TestModule().section(1, "02 600000 5e7f00").section(3, "01 00").body(body));
    }

    @Test
    void manyFunctionsWithManyLocals() {
        int functions = 50_000;
        TestModule module = TestModule.withTypes().section(3, join(unsigned(functions), repeat(hex("00"), functions)));
        byte[] body = join(hex("01"), unsigned(50_000), hex("6470 0b"));
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
        types.add(join(unsigned(20_000), hex("5f00")));
        for (int i = 1; i < 20_000; i++) {
            types.add(join(hex("5f0164"), signed(i - 1), hex("00")));
        }
        isCheap(new TestModule().section(1, join(types.toArray(byte[][]::new))));
    }

    private static final TestModule SEED = new TestModule()
            .section(1, "06 600000 60017f017f 5f027f007801 5e7e00 5e640201 60017f027f7f")
            .section(2, "01 0161 0162 00 01")
            .section(3, "04 00 01 00 05")
            .section(4, "02 70 00 05 4000 63 02 00 03 d0020b")
            .section(5, "01 01 01 02")
            .section(13, "01 00 00")
            .section(6, "03 7f00 41000b 7f01 230041016a 0b 640200 4101 4102 fb00020b")
            .section(7, "01 0166 00 01")
            .section(9, "03 00 41000b 02 00 01  01 00 01 02  05 6302 01 d0020b")
            .section(12, "01")
            .body("02 017f 016302",
                    "block 0x7f", "i32.const 1", "local.tee 0", "local.get 0", "br_if 0", "local.get 0", "i32.load8_u 0 4",
                    "if 0x7f", "i32.const 2", "else", "i32.const 3", "end", "i32.add", "end", "drop",
                    "loop 0x40", "local.get 0", "br_if 0", "end",
                    "i32.const 0", "i32.const 0", "struct.new 2", "local.set 1", "local.get 1", "struct.get_u 2 1", "drop",
                    "try_table 0x40 1 0 0 0", "throw 0", "end")
            .body("00", "local.get 0", "call 0", "i32.const 3", "call_indirect 1 0")
            .body("00", "i64.const 7", "i32.const 4", "array.new 3", "ref.cast 3", "array.len", "drop",
                    "i32.const 0", "i32.const 0", "i32.const 0", "memory.init 0 0", "ref.func 1", "call_ref 0")
            .body("00", "local.get 0", "i8x16.splat", "i8x16.extract_lane_s 15", "local.get 0", "return_call 4")
            .section(11, "01 00 41000b 02 aabb");

    /** What happened: a module, malformed, invalid or over a limit. Anything else fails the test. */
    private static String outcome(byte[] bytes, Executor executor) {
        try {
            WasmModule module = TestModule.load(bytes, TestModule.ALL);
            new ModuleValidator().validate(module, TestModule.ALL, LoadLimits.DEFAULT, executor);
            return "valid";
        } catch (MalformedModuleException | InvalidModuleException | LimitExceededException e) {
            return e.getMessage();
        }
    }

    @Property(tries = 300)
    void mutationsOfAModule(@ForAll long seed) {
        byte[] original = SEED.bytes();
        assertThat(outcome(original, Runnable::run)).isEqualTo("valid");
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = original.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                int at = 8 + random.nextInt(bytes.length - 8);
                bytes[at] = switch (random.nextInt(4)) {
                    case 0 -> (byte) random.nextInt();
                    case 1 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                    case 2 -> (byte) random.nextInt(8);
                    default -> bytes[8 + random.nextInt(bytes.length - 8)];
                };
            }
            assertThat(outcome(bytes, Runnable::run)).isNotBlank();
        }
    }

    /** About 4 MB of code; functions {@code bad} end with the given bytes in the place of {@code nop}. */
    private static byte[] large(byte[] end, int... bad) {
        int functions = 1000;
        TestModule module = TestModule.withTypes().section(3, join(unsigned(functions), repeat(hex("00"), functions)));
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
                assertThat(outcome(valid, executor)).isEqualTo("valid");
                assertThat(outcome(invalid, executor)).startsWith("type mismatch").contains("code[300]");
            }
        }
    }

    @Test
    void interruptionIsKept() throws Exception {
        byte[] valid = large(hex("01"));
        Thread.currentThread().interrupt();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            assertThat(outcome(valid, threads)).isEqualTo("valid");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void failuresAreSallyportExceptions() {
        ThrowableAssert.ThrowingCallable call = () -> TestModule.withTypes().section(3, "01 00").body("00", "drop").validate();
        assertThatThrownBy(call).isInstanceOf(SallyportException.class);
    }
}
