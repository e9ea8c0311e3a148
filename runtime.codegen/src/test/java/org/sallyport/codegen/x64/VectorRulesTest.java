package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.ir.VectorRuleTexts;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

/**
 * Every rule for vectors has a case in {@code vector-rules.txt}: name, expression over three vectors and a number, and what
 * it becomes ({@code -Dbless=true} writes that). The compiled expression gives what {@link VectorSemantics} say, on all
 * kinds of lanes.
 */
class VectorRulesTest {
    private static final Path SOURCE = Path.of("src/test/resources/org/sallyport/codegen/x64/vector-rules.txt");
    private static final Map<String, Opcode> OPCODES = opcodes();
    private static final VectorSemantics.Choice CHOICE = new VectorSemantics.Choice(CpuFeatures.BASELINE, false);
    private static final long[] LANES = {
        0, -1, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000L, 0xFFFF_FFFFL, Long.MAX_VALUE,
        Long.MIN_VALUE, 0x0101_0101_0101_0101L, 0x8080_8080_8080_8080L, 0x8000_8000_8000_8000L, 0x8000_0000_8000_0000L,
        0x7F7F_7FFF_7FFF_FFFFL
    };

    private static Map<String, Opcode> opcodes() {
        Map<String, Opcode> map = new TreeMap<>();
        for (Opcode op : Opcode.values()) {
            map.put(op.text(), op);
        }
        return map;
    }

    @Test
    void rewritesAsTheFileSays() throws IOException {
        Set<String> seen = new TreeSet<>();
        List<String> written = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (String line : Files.readAllLines(SOURCE)) {
            if (line.isBlank() || line.startsWith("#")) {
                written.add(line);
                continue;
            }
            String[] columns = line.split("\\|", -1);
            seen.add(columns[0].strip());
            String before = columns[1].strip();
            var expression = new Expression(before);
            ValidModule module = Machine.validate("(module (func (param v128 v128 v128 i32) (result %s) %s))"
                    .formatted(expression.type(), before));
            String after = VectorRuleTexts.simplified(module, 0);
            written.add("%-26s | %s\n    | %s".formatted(columns[0].strip(), before, after).replace("\n    |", " |"));
            if (columns.length < 3 || !columns[2].strip().equals(after)) {
                wrong.add(written.getLast());
            }
        }
        if (Boolean.getBoolean("bless")) {
            Files.write(SOURCE, written);
        } else {
            assertThat(wrong).as("lines that are to be so; -Dbless=true writes them").isEmpty();
        }
        assertThat(seen).isEqualTo(VectorRuleTexts.names());
    }

    @Test
    void meansTheSameAsBefore() throws IOException {
        List<Expression> expressions = new ArrayList<>();
        var text = new StringBuilder("(module (memory 1)\n");
        for (String line : Files.readAllLines(SOURCE)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                var expression = new Expression(line.split("\\|", -1)[1].strip());
                expressions.add(expression);
                text.append("""
                        (func (local v128 v128 v128 i32) (local.set 0 (v128.load (i32.const 0)))
                          (local.set 1 (v128.load offset=16 (i32.const 0))) (local.set 2 (v128.load offset=32 (i32.const 0)))
                          (local.set 3 (i32.load offset=48 (i32.const 0)))
                          (%s.store offset=64 (i32.const 0) %s))
                        """.formatted(expression.type(), expression.text));
            }
        }
        text.append(")");
        ValidModule module = Machine.validate(text.toString());
        for (CpuFeatures cpu : List.of(CpuFeatures.detect(), CpuFeatures.BASELINE)) {
            var machine = new Machine(module, cpu, CompileOptions.DEFAULT.withVerify(true));
            for (int i = 0; i < expressions.size(); i++) {
                compare(machine, i, expressions.get(i), cpu);
            }
        }
    }

    private static void compare(Machine machine, int function, Expression expression, CpuFeatures cpu) {
        var random = new Random(function);
        MemorySegment memory = machine.memory();
        for (int n = 0; n < 200; n++) {
            byte[][] locals = {vector(random), vector(random), vector(random), new byte[16]};
            VectorSemantics.buffer(locals[3]).putInt(0, n < 70 ? n : random.nextInt());
            if (n % 5 == 0) {
                locals[1] = locals[0].clone();
            }
            for (int k = 0; k < locals.length; k++) {
                MemorySegment.copy(locals[k], 0, memory, JAVA_BYTE, 16L * k, 16);
            }
            memory.asSlice(64, 16).fill((byte) 0);
            machine.call(function);
            byte[] found = memory.asSlice(64, 16).toArray(JAVA_BYTE);
            assertThat(found).as("%s of %s, %s", expression.text, Arrays.deepToString(locals), cpu)
                    .isEqualTo(expression.eval(locals));
        }
    }

    private static byte[] vector(Random random) {
        byte[] v = new byte[16];
        for (int i = 0; i < 2; i++) {
            long half = random.nextInt(3) == 0 ? random.nextLong() : LANES[random.nextInt(LANES.length)];
            VectorSemantics.buffer(v).putLong(8 * i, half);
        }
        return v;
    }

    /** An expression in the text format, and what it means in plain Java. */
    private static final class Expression {
        private final String text;
        private final String[] words;
        private int next;
        private byte[][] locals = {};

        Expression(String text) {
            this.text = text;
            words = text.replace("(", " ( ").replace(")", " ) ").strip().split("\\s+");
        }

        /** The type of the result. */
        String type() {
            String name = words[1].substring(words[1].indexOf('.') + 1);
            if (name.startsWith("extract_lane")) {
                LaneShape shape = op(words[1]).lanes();
                return shape.scalar().toString().toLowerCase(java.util.Locale.ROOT);
            }
            return name.matches("any_true|all_true|bitmask") ? "i32" : "v128";
        }

        private static Opcode op(String name) {
            return java.util.Objects.requireNonNull(OPCODES.get(name), name);
        }

        /** Sixteen bytes; of scalars, the rest is 0. */
        byte[] eval(byte[][] values) {
            next = 0;
            locals = values;
            byte[] value = expression();
            return type().equals("v128") ? value : Arrays.copyOf(Arrays.copyOf(value, type().endsWith("64") ? 8 : 4), 16);
        }

        private byte[] expression() {
            next++; // the parenthesis
            String name = words[next++];
            byte[] value = switch (name) {
                case "local.get" -> locals[Integer.parseInt(words[next++])].clone();
                case "i32.const", "i64.const" -> number(Long.parseLong(words[next++]));
                case "f32.const" -> number(Float.floatToRawIntBits(Float.parseFloat(words[next++])) & 0xFFFF_FFFFL);
                case "f64.const" -> number(Double.doubleToRawLongBits(Double.parseDouble(words[next++])));
                case "v128.const" -> {
                    next++; // i64x2
                    byte[] v = number(Long.parseLong(words[next++]));
                    VectorSemantics.buffer(v).putLong(8, Long.parseLong(words[next++]));
                    yield v;
                }
                case "i32.and" -> number(low(expression()) & low(expression()));
                case "i8x16.shuffle" -> shuffle();
                default -> instruction(op(name));
            };
            next++;
            return value;
        }

        private static long low(byte[] v) {
            return VectorSemantics.buffer(v).getLong(0);
        }

        private static byte[] number(long bits) {
            byte[] v = new byte[16];
            VectorSemantics.buffer(v).putLong(0, bits);
            return v;
        }

        private byte[] shuffle() {
            int[] lanes = new int[16];
            for (int i = 0; i < 16; i++) {
                lanes[i] = Integer.parseInt(words[next++]);
            }
            byte[] a = expression();
            byte[] b = expression();
            byte[] v = new byte[16];
            for (int i = 0; i < 16; i++) {
                v[i] = lanes[i] < 16 ? a[lanes[i]] : b[lanes[i] - 16];
            }
            return v;
        }

        private byte[] instruction(Opcode op) {
            int lane = op.immediates() == Immediates.NONE ? 0 : Integer.parseInt(words[next++]);
            byte[][] operands = {new byte[16], new byte[16], new byte[16]};
            for (int k = 0; words[next].equals("("); k++) {
                operands[k] = expression();
            }
            return VectorSemantics.eval(op, operands[0], operands[1], operands[2], lane, CHOICE);
        }
    }
}
