package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;

class OptimizerTest {
    private static final List<String> NAMES = Optimizer.optimizing().stream().map(Optimizer.Pass::name).toList();

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

    private static Graph small() {
        return GraphParser.parse("function 0 (i32) -> (i32)\nb0:\n  vx:i32 = arg number=0\n  return vx\n");
    }
}
