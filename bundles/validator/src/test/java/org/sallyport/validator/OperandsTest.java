package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.LoadLimits;
import org.sallyport.wasm.Opcode;

class OperandsTest {
    private static final int[] I32 = {Types.I32};

    private final Operands operands = new Operands(new Types(List.of(), () -> {}), LoadLimits.DEFAULT);

    @BeforeEach
    void openBody() {
        operands.reset();
        operands.enter(Opcode.BLOCK, Types.NONE, I32, 0);
    }

    @Test
    void framesHideOuterOperands() {
        operands.push(Types.I32);
        operands.enter(Opcode.BLOCK, Types.NONE, Types.NONE, 0);
        assertThatThrownBy(operands::pop).isInstanceOf(Violation.class);
        operands.leave();
        assertThat(operands.pop()).isEqualTo(Types.I32);
    }

    @Test
    void unreachableFramesGiveWhatIsAsked() {
        operands.unreachable();
        assertThat(operands.pop()).isEqualTo(Types.BOTTOM);
        assertThat(operands.pop(Types.F64)).isEqualTo(Types.BOTTOM);
        operands.popAll(new int[] {Types.I32, Types.I64});
        operands.popRepeated(Types.F32, Integer.MAX_VALUE);
        operands.push(Types.I64);
        assertThatThrownBy(() -> operands.popAll(new int[] {Types.I32, Types.F32})).isInstanceOf(Violation.class);
        assertThatThrownBy(() -> operands.popRepeated(Types.F32, 5)).isInstanceOf(Violation.class);
        operands.popAll(new int[] {Types.F32, Types.I64});
        assertThat(operands.popRef()).isEqualTo(Types.BOTTOM);
    }

    @Test
    void polymorphismEndsWithItsFrame() {
        operands.enter(Opcode.BLOCK, Types.NONE, I32, 0);
        operands.unreachable();
        operands.leave();
        assertThatThrownBy(operands::pop).isInstanceOf(Violation.class);
        operands.unreachable();
        operands.enter(Opcode.LOOP, Types.NONE, Types.NONE, 0);
        assertThatThrownBy(operands::pop).isInstanceOf(Violation.class);
        operands.leave();
        assertThat(operands.pop()).isEqualTo(Types.BOTTOM);
    }

    @Test
    void blocksEndWithExactlyTheirResults() {
        assertThatThrownBy(operands::leave).hasMessageContaining("requires [i32] but stack has []");
        operands.push(Types.I32);
        operands.push(Types.I32);
        assertThatThrownBy(operands::leave).hasMessageContaining("requires [i32] but stack has [i32 i32]");
        operands.pop();
        operands.leave();
        assertThat(operands.depth()).isZero();
    }

    @Test
    void repeatedOperandsMustAllBeThere() {
        operands.push(Types.I32);
        operands.push(Types.I32);
        operands.popRepeated(Types.I32, 2);
        operands.push(Types.I32);
        assertThatThrownBy(() -> operands.popRepeated(Types.I32, 2)).isInstanceOf(Violation.class);
    }

    @Test
    void labelsCountFromTheInside() {
        operands.push(Types.I64);
        operands.popAll(new int[] {Types.I64});
        operands.enter(Opcode.LOOP, new int[] {Types.I64}, new int[] {Types.F32}, 7);
        assertThat(operands.label(0)).containsExactly(Types.I64);
        assertThat(operands.label(1)).containsExactly(Types.I32);
        assertThatThrownBy(() -> operands.label(2)).hasMessageContaining("unknown label 2");
        operands.pop();
        operands.push(Types.F32);
        assertThat(operands.leave()).isEqualTo(7);
    }

    @Test
    void mismatchShowsBothLists() {
        operands.push(Types.F32);
        operands.push(Types.FUNCREF);
        assertThatThrownBy(() -> operands.popAll(new int[] {Types.I32, Types.V128}))
                .hasMessage("type mismatch: instruction requires [i32 v128] but stack has [f32 funcref]");
    }
}
