package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;

class OptimizerTest {
    private static final List<String> NAMES = Optimizer.all().stream().map(Optimizer.Pass::name).toList();

    @Test
    void passesStandInTheOrderThatIsExplained() {
        assertThat(NAMES).doesNotHaveDuplicates();
        for (Optimizer.Order order : Optimizer.ORDER) {
            assertThat(NAMES).as(order.reason()).contains(order.before(), order.after());
            assertThat(NAMES.indexOf(order.before())).as("%s: %s", order, order.reason())
                    .isLessThan(NAMES.indexOf(order.after()));
        }
        assertThat(Optimizer.ORDER.stream().flatMap(o -> List.of(o.before(), o.after()).stream()).distinct())
                .as("every pass has its reason").containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void tellsTheObserverAfterEachPass() {
        List<String> seen = new ArrayList<>();
        new Optimizer(CompileOptions.DEFAULT.withVerify(true)).run(small(), (pass, _, nanos) -> {
            assertThat(nanos).isNotNegative();
            seen.add(pass);
        });
        assertThat(seen).isEqualTo(NAMES);
    }

    @Test
    void checksTheGraphWhenAsked() {
        Graph broken = small();
        broken.setSuccessors(broken.firstBlock(), broken.firstBlock());
        assertThatThrownBy(() -> new Optimizer(CompileOptions.DEFAULT.withVerify(true)).run(broken))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("after build");
    }

    /** What handles an exception stands last, though it goes on among what comes before. */
    @Test
    void handlersThatGoOnAreSound() {
        Graph graph = GraphParser.parse("""
                function 0 (i32) -> (i32)
                b0:
                  vx:i32 = arg number=0
                  vr:i32 = call vx function=1
                  outcome b1 b2
                b1:
                  jump b3(vr)
                b2:
                  jump b3(vx)
                b3(vy:i32):
                  vz:i32 = call vy function=1
                  return vz
                """);
        new Optimizer(CompileOptions.DEFAULT.withVerify(true)).run(graph);
        assertThat(graph.isCold(2)).isTrue();
        assertThat(graph.nextBlock(2)).as("the block behind the handler").isNegative();
    }

    private static Graph small() {
        return GraphParser.parse("function 0 (i32) -> (i32)\nb0:\n  vx:i32 = arg number=0\n  return vx\n");
    }
}
