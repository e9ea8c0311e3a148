package org.sallyport.codegen.bytecode;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

class LanesTest {
    /** What {@link EmitVectors} does without a method. */
    private static final Set<LaneOp> EMITTED = EnumSet.of(
            LaneOp.NOT, LaneOp.AND, LaneOp.OR, LaneOp.XOR, LaneOp.ANDNOT, LaneOp.BITSELECT, LaneOp.ANY_TRUE);

    private static Set<String> methods(LaneShape shape) {
        return Arrays.stream(EmitVectors.owner(shape).getMethods())
                .filter(method -> method.getDeclaringClass() == EmitVectors.owner(shape))
                .map(Method::getName)
                .collect(Collectors.toSet());
    }

    /** Relaxed ones are other instructions here ({@code CompileOptions.deterministicVectors}). */
    @Test
    void everyOperationHasAMethodInTheClassOfItsShape() {
        int found = 0;
        for (Opcode opcode : Opcode.values()) {
            LaneOp op = LaneOp.of(opcode);
            if (op != null && !EMITTED.contains(op) && opcode.feature() != Feature.RELAXED_SIMD) {
                assertThat(methods(opcode.lanes())).as(opcode.text()).contains(EmitVectors.name(op));
                found++;
            }
        }
        assertThat(found).isGreaterThan(180);
    }
}
