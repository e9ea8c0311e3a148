package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every rule has a case in {@code rules.txt} or among the ones here; before and after mean the same. */
class RulesTest {
    private static final String FILE = "rules.txt";
    /** Rules for instructions that are no expressions; tested below. */
    private static final Set<String> ELSEWHERE =
            Set.of("branch-condition", "trap-condition", "store-low-bits", "context-address-sum");
    private static final long[] EDGES = {
        0, 1, -1, 2, 3, 7, 8, 9, 15, 16, 31, 32, 63, 127, 128, 255, 256, -2, -128, -129, 32767, 65535, 65536,
        Integer.MAX_VALUE, Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1, 0xFFFF_FFFFL, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE
    };

    private static List<String> lines() throws IOException {
        try (InputStream in = RulesTest.class.getResourceAsStream(FILE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void rewritesAsTheFileSays() throws IOException {
        Set<String> seen = new TreeSet<>(ELSEWHERE);
        List<String> written = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (String line : lines()) {
            if (line.isBlank() || line.startsWith("#")) {
                written.add(line);
                continue;
            }
            String[] columns = line.split("\\|", -1);
            String name = columns[0].strip();
            String before = columns[1].strip();
            seen.add(name);
            Graph graph = Expression.parse(before);
            optimize(graph);
            String after = Expression.print(graph);
            written.add("%-23s | %-38s | %s".formatted(name, before, after));
            if (!columns[2].strip().equals(after)) {
                wrong.add(written.getLast());
            }
            compare(name, Expression.parse(before), graph);
        }
        if (Boolean.getBoolean("bless")) {
            Files.write(Path.of("src/test/resources/org/sallyport/codegen/ir", FILE), written);
        } else {
            assertThat(wrong).as("lines that are to be so; -Dbless=true writes them").isEmpty();
        }
        seen.addAll(VectorRuleTexts.names()); // in VectorRulesTest, which runs them
        assertThat(seen).isEqualTo(Rules.names());
    }

    private static void optimize(Graph graph) {
        new Simplify().run(graph);
        new RemoveDead().run(graph);
        Verifier.verify(graph, "simplify");
    }

    private static void compare(String name, Graph before, Graph after) {
        Random random = new Random(name.hashCode());
        for (int i = 0; i < 300; i++) {
            long[] arguments = new long[Expression.PARAMETERS.length()];
            for (int k = 0; k < arguments.length; k++) {
                arguments[k] = argument(Expression.parameterType(k), random);
            }
            String x = outcome(before, arguments);
            String y = outcome(after, arguments);
            if (!x.equals(y)) {
                fail("%s: %s is %s, was %s", name, java.util.Arrays.toString(arguments), y, x);
            }
        }
    }

    private static String outcome(Graph graph, long[] arguments) {
        return new Interpreter(graph, Map.of(), new long[0], 100).run(arguments).end();
    }

    private static long argument(Type type, Random random) {
        long bits = random.nextInt(3) == 0 ? random.nextLong() : EDGES[random.nextInt(EDGES.length)];
        return switch (type) {
            case I32 -> (int) bits;
            case F32 -> Float.floatToRawIntBits(random.nextBoolean() ? bits : (float) random.nextGaussian()) & 0xFFFF_FFFFL;
            case F64 -> Double.doubleToRawLongBits(random.nextBoolean() ? bits : random.nextGaussian());
            default -> bits;
        };
    }

    private static String simplified(String body) {
        Graph graph = GraphParser.parse(
                "function 0 (i32, i64) -> ()\nb0:\n  vx:i32 = arg number=0\n  vp:i64 = arg number=1\n" + body);
        optimize(graph);
        return graph.toString().lines().skip(2).map(String::strip).reduce("", (a, b) -> a + b + "\n");
    }

    @Test
    void conditionsLoseTheirTests() {
        assertThat(simplified("""
                vz:i32 = const 0
                ve:i32 = eq vx, vz
                trap_if ve code=unreachable
                vn:i32 = ne vx, vz
                trap_if vn code=unreachable
                branch ve b1 b2
                b1:
                return
                b2:
                trap code=unreachable
                """)).contains("trap_unless v0 code=unreachable", "trap_if v0 code=unreachable", "branch v0 b2 b1");
    }

    @Test
    void storesTakeTheLowBits() {
        assertThat(simplified("""
                vm:i32 = const 255
                va:i32 = and vx, vm
                store.u8 vx, va offset=0 memory=0
                store.u16 vx, va offset=0 memory=0
                vw:i32 = wrap vp
                store.u32 vx, vw offset=4 memory=0
                vs:i32 = extend8_s vx
                store.u8 vx, vs offset=5 memory=0
                return
                """)).contains("store.u8 v0, v0 offset=0", "store.u16 v0, v3 offset=0", "store.u32 v0, v1 offset=4",
                "store.u8 v0, v0 offset=5");
    }

    @Test
    void contextAddressesTakeConstants() {
        assertThat(simplified("""
                vc:i64 = const 96
                va:i64 = add vp, vc
                vl:i64 = vmload.w64 va offset=8 in=constant
                vmstore.w64 va, vl offset=-8 in=global:1
                return
                """)).contains("vmload.w64 v1 offset=104", "vmstore.w64 v1, v4 offset=88");
    }
}
