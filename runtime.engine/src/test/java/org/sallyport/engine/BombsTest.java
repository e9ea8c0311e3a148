package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompilationException;
import org.sallyport.CompileLimits;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.itests.support.Binary;

/**
 * Modules that are small to write and large to handle: each is compiled or refused because of a limit that the message
 * names. {@code StackOverflowError} and {@code OutOfMemoryError} (the tests have 2 GiB) would fail the test. Each takes
 * seconds; what it took is on standard output.
 */
class BombsTest {
    private static final int END = 0x0B;
    private static final int BODY_BYTES = 7_000_000;
    /** Of bodies that are no matter of size, but of shape: 7 MB with {@code -Dsallyport.stress=7}. */
    private static final int SHAPE_BYTES = Math.min(BODY_BYTES, Integer.getInteger("sallyport.stress", 1) * 1_000_000);
    private static final Config CONFIG =
            Config.defaults().withCompileLimits(new CompileLimits(CompileLimits.UNLIMITED, 1600 << 20));

    private record Bomb(String name, byte[] module, boolean accepted) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bomb> bombs() {
        return Stream.of(
                new Bomb("a million empty functions", functions(1_000_000), true),
                new Bomb("a million and one functions", functions(1_000_001), false),
                new Bomb("50 000 locals", locals(50_000), true),
                new Bomb("2^32 - 1 locals", locals(0xFFFF_FFFFL), false),
                new Bomb("blocks 100 000 deep", nested(0x02, 100_000), true),
                new Bomb("loops 100 000 deep", nested(0x03, 100_000), true),
                new Bomb("a br_table of 65 000 targets", branchTable(65_000), true),
                new Bomb("a br_table of a million targets", branchTable(1_000_000), false),
                new Bomb("a million types", types(1_000_000), true),
                new Bomb("a million types in one group", typeGroup(1_000_000), true),
                new Bomb("megabytes of dropped constants", repeated(0x41, 1, 0x1A), true),
                new Bomb("megabytes of dependent sums", repeated(0x20, 0, 0x41, 3, 0x6A, 0x20, 0, 0x6C, 0x21, 0), true),
                new Bomb("megabytes of blocks", repeated(0x02, 0x40, 0x20, 0, 0x0D, 0, END), true),
                new Bomb("megabytes of calls", repeated(0x20, 0, 0x10, 0, 0x21, 0), true),
                new Bomb("7 MB of operands", operands(BODY_BYTES / 2), false));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void isCompiledOrRefusedByALimit(Bomb bomb) {
        long start = System.nanoTime();
        String end;
        try (Engine engine = Engine.create(CONFIG);
                Module module = engine.compile(bomb.module)) {
            end = "compiled";
            assertThat(module.imports()).isEmpty();
        } catch (LimitExceededException | CompilationException e) {
            end = String.valueOf(e.getMessage()).lines().findFirst().orElseThrow();
        }
        System.out.printf("%s: %d ms: %s%n", bomb.name, (System.nanoTime() - start) / 1_000_000, end);
        assertThat(end.equals("compiled")).as(end).isEqualTo(bomb.accepted);
    }

    // ---- modules

    private static byte[] functions(int count) {
        return Binary.module().section(1, s -> s.add(1, 0x60, 0, 0))
                .section(3, s -> s.number(count).times(count, 0))
                .section(10, s -> s.number(count).times(count, 2, 0, END)).toBytes();
    }

    /** One function of type {@code (i32) -> (i32)}. */
    private static byte[] function(Consumer<Binary> body) {
        return Binary.module().section(1, s -> s.add(1, 0x60, 1, 0x7F, 1, 0x7F)).section(3, s -> s.add(1, 0))
                .section(10, s -> s.add(1).sized(body)).toBytes();
    }

    private static byte[] locals(long count) {
        long last = count - 1; // with the parameter there are count
        return function(b -> b.add(1).number(last).add(0x7E).add(0x20, 0, 0xAC, 0x21).number(last)
                .add(0x20).number(last).add(0xA7, END));
    }

    private static byte[] nested(int opcode, int depth) {
        return function(b -> b.add(0).times(depth, opcode, 0x40).add(0x20, 0, 0x0D).number(depth - 1L)
                .times(depth, END).add(0x20, 0, END));
    }

    private static byte[] branchTable(int targets) {
        return function(b -> b.add(0, 0x02, 0x40, 0x20, 0, 0x0E).number(targets).times(targets, 0)
                .add(0, END, 0x20, 0, END));
    }

    private static byte[] types(int count) {
        return Binary.module().section(1, s -> s.number(count).times(count, 0x60, 0, 0)).toBytes();
    }

    private static byte[] typeGroup(int count) {
        return Binary.module().section(1, s -> s.add(1, 0x4E).number(count).times(count, 0x60, 1, 0x7F, 0)).toBytes();
    }

    private static byte[] repeated(int... instructions) {
        int times = SHAPE_BYTES / instructions.length;
        return function(b -> b.add(0).times(times, instructions).add(0x20, 0, END));
    }

    private static byte[] operands(int count) {
        return function(b -> b.add(0).times(count, 0x41, 0).add(0x0F, END));
    }
}
