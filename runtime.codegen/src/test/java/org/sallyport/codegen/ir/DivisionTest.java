package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Divisions by constants become multiplications that give the same results. */
class DivisionTest {
    private static final Op[] OPS = {Op.DIV_S, Op.DIV_U, Op.REM_S, Op.REM_U};

    private final Random random = new Random(7);

    private long edge(Type type) {
        long near = switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> 1L << random.nextInt(64);
            case 2 -> type == Type.I32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
            case 3 -> random.nextInt(1000);
            default -> random.nextLong() >> random.nextInt(64);
        };
        long n = near + random.nextInt(5) - 2;
        return type == Type.I32 ? (int) n : n;
    }

    @Test
    void constantDivisorsOfAllSizes() {
        for (int i = 0; i < 800; i++) {
            Type type = random.nextBoolean() ? Type.I32 : Type.I64;
            long d = edge(type);
            if (d != 0) {
                check(type, d);
            }
        }
        for (int d = 1; d < 70; d++) {
            check(Type.I32, d);
            check(Type.I64, d);
            check(Type.I32, -d);
            check(Type.I64, -d);
        }
    }

    private void check(Type type, long d) {
        for (Op op : OPS) {
            Graph graph = GraphParser.parse("""
                    function 0 (%1$s) -> (%1$s)
                    b0:
                      va:%1$s = arg number=0
                      vd:%1$s = const %2$d
                      vr:%1$s = %3$s va, vd
                      return vr
                    """.formatted(type, d, op));
            new Simplify().run(graph);
            new RemoveDead().run(graph);
            Verifier.verify(graph, "simplify");
            boolean divides = graph.toString().contains(op.toString() + " ");
            assertThat(divides).as("%s by %d", op, d).isEqualTo(op == Op.DIV_S && d == -1);
            for (int i = 0; i < 40; i++) {
                long x = i < 4 ? d * (i - 2) - (i & 1) : edge(type);
                x = type == Type.I32 ? (int) x : x;
                if (Fold.trap(op, type, type, x, d) == null) {
                    String expected = "[" + Fold.compute(op, type, type, x, d) + "]";
                    String found = new Interpreter(graph, Map.of(), new long[0], 100).run(x).end();
                    if (!found.equals(expected)) {
                        fail("%s.%s %d by %d is %s, not %s", type, op, x, d, found, expected);
                    }
                }
            }
        }
    }
}
