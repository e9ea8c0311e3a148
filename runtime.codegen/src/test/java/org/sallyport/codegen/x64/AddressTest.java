package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;

/**
 * Loads and stores of every width with static offsets and indices at the edges, and with the address computed in
 * ways that an addressing
 * mode might swallow: each either touches exactly the bytes that it must or traps.
 */
class AddressTest {
    private static final int PAGES = 2;
    private static final long BYTES = (long) PAGES * Machine.PAGE;
    private static final long[] OFFSETS = {
        0, 1, 8, 0xFFFF, 0x1_0000, BYTES - 1, 0x7FFF_FFFFL, 0x8000_0000L, 0x8000_0001L, 0xFFFF_FFFFL
    };

    private record Access(String load, String store, String type, int bytes, boolean signed) {}

    private static final List<Access> ACCESSES = List.of(
            new Access("i32.load8_u", "i32.store8", "i32", 1, false),
            new Access("i32.load8_s", "i32.store8", "i32", 1, true),
            new Access("i32.load16_u", "i32.store16", "i32", 2, false),
            new Access("i64.load16_s", "i64.store16", "i64", 2, true),
            new Access("i32.load", "i32.store", "i32", 4, false),
            new Access("i64.load32_u", "i64.store32", "i64", 4, false),
            new Access("i64.load32_s", "i64.store32", "i64", 4, true),
            new Access("i64.load", "i64.store", "i64", 8, false),
            new Access("f32.load", "f32.store", "f32", 4, false),
            new Access("f64.load", "f64.store", "f64", 8, false));

    /** An address as a function of the parameter; 32-bit arithmetic wraps. */
    private record Shape(String text, java.util.function.IntUnaryOperator value) {}

    private static final List<Shape> SHAPES = List.of(
            new Shape("(local.get 0)", x -> x),
            new Shape("(i32.add (local.get 0) (i32.const 16))", x -> x + 16),
            new Shape("(i32.add (local.get 0) (i32.const -8))", x -> x - 8),
            new Shape("(i32.shl (local.get 0) (i32.const 2))", x -> x << 2),
            new Shape("(i32.shl (i32.and (local.get 0) (i32.const 255)) (i32.const 3))", x -> (x & 255) << 3),
            new Shape("(i32.shl (i32.shr_u (local.get 0) (i32.const 2)) (i32.const 2))", x -> x >>> 2 << 2),
            new Shape("(i32.add (i32.shl (local.get 0) (i32.const 1)) (local.get 0))", x -> (x << 1) + x),
            new Shape("(i32.wrap_i64 (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 1)))", x -> x << 1),
            new Shape("(i32.wrap_i64 (i64.extend_i32_s (local.get 0)))", x -> x),
            new Shape("(i32.wrap_i64 (i64.add (i64.extend_i32_u (local.get 0)) (i64.const 0x100000000)))", x -> x),
            new Shape("(i32.extend8_s (local.get 0))", x -> (byte) x));

    private static final int[] INDICES = {
        0, 1, 7, 8, 100, 255, 0x7FFF, 0xFFFF, 0x1_0000, 0x1_FFF0, 0x1_FFF8, 0x1_FFFC, 0x1_FFFE, 0x1_FFFF, 0x2_0000,
        0x3FFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x8000_7FFF, 0xC000_0000, -0x1_0000, -16, -8, -2, -1
    };

    record Setting(boolean explicitChecks, boolean optimize) {}

    static Stream<Setting> settings() {
        return Stream.of(new Setting(false, true), new Setting(false, false), new Setting(true, true),
                new Setting(true, false));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void touchesExactlyTheBytesThatItMustOrTraps(Setting setting) {
        List<Runnable> checks = new ArrayList<>();
        var text = new StringBuilder("(module (memory %d %d)\n".formatted(PAGES, PAGES));
        var machine = new Machine[1];
        int count = 0;
        for (Access access : ACCESSES) {
            for (Shape shape : SHAPES) {
                for (long offset : OFFSETS) {
                    int function = 3 * count++;
                    text.append("(func (param i32) (result %s) (%s offset=%d %s))\n"
                            .formatted(access.type, access.load, offset, shape.text));
                    text.append("(func (param i32 %s) (%s offset=%d %s (local.get 1)))\n"
                            .formatted(access.type, access.store, offset, shape.text));
                    text.append(swallowed(access, shape, offset));
                    checks.add(() -> check(machine[0], function, access, shape, offset));
                }
            }
        }
        machine[0] = new Machine(Machine.validate(text.append(')').toString()), CpuFeatures.detect(),
                new CompileOptions(setting.explicitChecks, setting.optimize, true));
        byte[] random = new byte[(int) BYTES];
        new Random(5).nextBytes(random);
        machine[0].memory().copyFrom(java.lang.foreign.MemorySegment.ofArray(random));
        checks.forEach(Runnable::run);
    }

    /** A load that an operation may swallow. */
    private static String swallowed(Access access, Shape shape, long offset) {
        String load = "(%s offset=%d %s)".formatted(access.load, offset, shape.text);
        String operation = switch (access.type) {
            case "i32" -> "(i32.add (local.get 1) %s)".formatted(load);
            case "i64" -> "(i64.xor %s (local.get 1))".formatted(load);
            default -> "(%s.add (local.get 1) %s)".formatted(access.type, load);
        };
        return "(func (param i32 %1$s) (result %1$s) %2$s)\n".formatted(access.type, operation);
    }

    private void check(Machine machine, int function, Access access, Shape shape, long offset) {
        for (int index : INDICES) {
            long address = (shape.value.applyAsInt(index) & 0xFFFF_FFFFL) + offset;
            boolean inside = address + access.bytes <= BYTES;
            String name = "%s offset=%x %s at %x".formatted(access.load, offset, shape.text, index);
            if (!inside) {
                assertThat(trap(machine, function, index)).as(name).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                assertThat(trap(machine, function + 1, index, 0)).as(name).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                assertThat(trap(machine, function + 2, index, 0)).as(name).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                continue;
            }
            long expected = read(machine, address, access);
            long found = masked(machine.call(function, index)[0], access);
            assertThat(found).as(name).isEqualTo(expected);
            if (!access.type.startsWith("f")) {
                long zero = masked(machine.call(function + 2, index, 0)[0], access);
                assertThat(zero).as(name + " swallowed").isEqualTo(expected);
            }
            store(machine, function + 1, index, address, access, name);
        }
    }

    private static @Nullable TrapCode trap(Machine machine, int function, long... arguments) {
        try {
            machine.call(function, arguments);
            return null;
        } catch (Machine.TrappedException e) {
            return e.code;
        }
    }

    private static long masked(long value, Access access) {
        return access.type.endsWith("32") ? value & 0xFFFF_FFFFL : value;
    }

    private static long read(Machine machine, long address, Access access) {
        long value = 0;
        for (int i = access.bytes; i-- > 0; ) {
            value = value << 8 | machine.memory().get(JAVA_BYTE, address + i) & 0xFF;
        }
        if (access.signed) {
            int shift = 64 - 8 * access.bytes;
            value = value << shift >> shift;
        }
        return masked(value, access);
    }

    private static void store(Machine machine, int function, int index, long address, Access access, String name) {
        int before = (int) Math.min(8, address);
        int length = (int) Math.min(24, BYTES - (address - before));
        byte[] old = machine.bytes(address - before, length);
        long value = 0x1122_3344_5566_7788L * 31;
        machine.call(function, index, value);
        byte[] expected = old.clone();
        for (int i = 0; i < access.bytes; i++) {
            expected[before + i] = (byte) (value >> 8 * i);
        }
        assertThat(machine.bytes(address - before, length)).as(name + " stored").isEqualTo(expected);
    }
}
