package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One broken graph for each thing that the verifier checks. */
class VerifierTest {
    private static final String HEAD = "function 0 (i32, i64) -> (i32)\nb0:\n  vx:i32 = arg number=0\n  vp:i64 = arg number=1\n";

    // @formatter:off
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            no terminator             | va:i32 = add vx, vx
            terminator within         | return vx; return vx
            operand 1 is i64          | va:i32 = add vx, vp; return vx
            operand 0 is i64          | branch vp b1 b2; b1:; return vx; b2:; return vx
            result is i64             | va:i64 = add vx, vx; return vx
            result is i32             | va:i32 = extend_u vx; return va
            returns 0 values          | return
            type of result 0          | return vp
            has 1 parameters          | jump b1; b1(va:i32):; return va
            type of argument 0        | jump b1(vp); b1(va:i32):; return va
            critical edge             | branch vx b1 b2; b1:; jump b2; b2:; return vx
            successors                | branch vx b1; b1:; return vx
            leads nowhere             | br_table vx b1 cases=1; b1:; return vx
            stands before             | branch vx b1 b2; b1:; jump b3; b3:; return vx; b2:; jump b3
            entry b0 is entered       | jump b0
            does not dominate         | branch vx b1 b2; b1:; va:i32 = add vx, vx; jump b3; b2:; jump b3; b3:; return va
            outside of the entry      | jump b1; b1:; va:i32 = arg number=0; return va
            not behind its call       | va:i32 = call function=1; vb:i32 = add vx, vx; vc:i32 = result va number=1; return vc
            does not fit i32          | va:i32 = load.w64 vx offset=0 memory=0; return va
            does not fit i64          | va:i32 = load.s32 vx offset=0 memory=0; return va
            signed store              | store.s8 vx, vx offset=0 memory=0; return vx
            address is no i32         | va:i32 = load.u32 vp offset=0 memory=0; return va
            address is no i64         | va:i32 = load.u32 vx offset=0 memory=0 checked=1; return va
            reference in linear       | va:ref = load.w64 vx offset=0 memory=0; return vx
            operand 0 is ref          | va:ref = const 0; vb:i64 = add va, vp; return vx
            operand 1 is i64          | va:ref = const 0; vb:i32 = eq va, vp; return vx
            does not fit ref          | vc:i64 = vmctx; va:ref = vmload.u32 vc offset=0 in=constant; return vx
            reinterprets i64          | va:i64 = reinterpret vp; return vx
            sign-extended             | va:i32 = const 4294967295; return va
            is no value               | jump b1; b1:; va:i32 = add vx, vx; trap code=unreachable; b2:; return va
            """)
    // @formatter:on
    void refuses(String fault, String body) {
        String wanted = switch (fault) {
            case "stands before" -> "does not dominate|no predecessors|stands before";
            case "does not fit i64" -> "does not fit";
            case "is no value" -> "no predecessors";
            default -> java.util.regex.Pattern.quote(fault);
        };
        assertThatThrownBy(() -> Verifier.verify(GraphParser.parse(HEAD + body.replace(";", "\n")), "a test"))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("BUG: graph of function 0 after a test: ")
                .hasMessageMatching("(?s).*(" + wanted + ").*");
    }
}
