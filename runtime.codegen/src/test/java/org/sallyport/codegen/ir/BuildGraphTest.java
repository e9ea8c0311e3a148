package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.wasm.NumType.I32;
import static org.sallyport.wasm.NumType.I64;
import static org.sallyport.wasm.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.ValType;

class BuildGraphTest {
    private static final FuncType NOTHING = FuncType.EMPTY;
    private static final FuncType TWO = new FuncType(List.of(I32, I32), List.of(I32));
    private static final FuncType PAIR = new FuncType(List.of(I32), List.of(I32, I64));
    /** Type indices. */
    private static final int T_NOTHING = 0;
    private static final int T_TWO = 1;
    private static final int T_PAIR = 2;

    private static Graph build(Wasm body, ValType... locals) {
        return build(CompileOptions.DEFAULT, body, locals);
    }

    private static Graph build(CompileOptions options, Wasm body, ValType... locals) {
        Graph graph = new TestModule(List.of(NOTHING, TWO, PAIR), T_PAIR, T_TWO, List.of(locals), body.op(END).toBytes(), options)
                .build();
        Verifier.verify(graph, "build");
        return graph;
    }

    private static int count(Graph graph, Op op) {
        int n = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                n += graph.op(v) == op ? 1 : 0;
            }
        }
        return n;
    }

    private static int params(Graph graph) {
        int n = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            n += graph.paramCount(b);
        }
        return n;
    }

    @Test
    void aLocalThatDiffersOnTwoPathsIsOneParameter() {
        Graph graph = build(new Wasm()
                .op(LOCAL_GET, 0).open(IF, T_NOTHING).op(LOCAL_GET, 1).op(LOCAL_SET, 0).op(NOP)
                .i32(7).op(LOCAL_SET, 1) // not read again: no parameter
                .op(END).op(LOCAL_GET, 0));
        assertThat(params(graph)).isEqualTo(1);
    }

    @Test
    void aLoopHasParametersOnlyForWhatItChangesAndReads() {
        Graph graph = build(new Wasm()
                .open(LOOP, T_NOTHING)
                .op(LOCAL_GET, 0).op(LOCAL_GET, 1).op(I32_SUB).op(LOCAL_TEE, 0)
                .i32(3).op(LOCAL_SET, 2)
                .op(BR_IF, 0).op(END).op(LOCAL_GET, 0), I32);
        assertThat(params(graph)).isEqualTo(1);
    }

    @Test
    void unreachableCodeLeavesNothingBehind() {
        Graph graph = build(new Wasm()
                .open(BLOCK, T_NOTHING).op(BR, 0)
                .open(LOOP, T_NOTHING).op(LOCAL_GET, 0).op(LOCAL_SET, 1).op(BR, 0).op(END)
                .op(END)
                .op(LOCAL_GET, 1).op(RETURN)
                .open(BLOCK, T_NOTHING).op(UNREACHABLE).op(END).i32(1).op(CALL, 0));
        assertThat(count(graph, Op.CALL_IMPORT)).isZero();
        assertThat(count(graph, Op.TRAP)).isZero();
        assertThat(params(graph)).isZero();
    }

    @Test
    void severalResultsStandBehindTheirCall() {
        Graph graph = build(new Wasm().op(LOCAL_GET, 0).op(CALL, TestModule.IMPORTED).op(I32_WRAP_I64).op(I32_ADD));
        assertThat(graph.toString())
                .containsPattern("v(\\d+):i32 = call_import v\\d+ function=0.*\n  v\\d+:i64 = result v\\1 number=1");
    }

    @Test
    void equalTargetsOfATableShareAnEdge() {
        Graph graph = build(new Wasm()
                .open(BLOCK, T_NOTHING).open(BLOCK, T_NOTHING)
                .op(LOCAL_GET, 0).op(BR_TABLE).unsigned(4).unsigned(0).unsigned(1).unsigned(0).unsigned(1).unsigned(1)
                .op(END).i32(5).op(RETURN).op(END).i32(6));
        assertThat(graph.toString()).contains("cases=0,1,0,1,1");
    }

    @Test
    void anIndirectCallChecksBoundsNullAndType() {
        String text = build(new Wasm().i32(1).op(LOCAL_GET, 0).op(CALL_INDIRECT, T_PAIR, 0).op(DROP)).toString();
        assertThat(text).containsSubsequence("lt_u", "code=undefined_element", "guard", "code=uninitialized_element",
                "code=indirect_call_type_mismatch", "call_ref");
    }

    @Test
    void explicitChecksAreMadeAndMasked() {
        Wasm body = new Wasm().op(LOCAL_GET, 0).op(I32_LOAD).unsigned(2).unsigned(100_000);
        String text = build(CompileOptions.DEFAULT.withExplicitBoundsChecks(true), body).toString();
        assertThat(text).containsSubsequence("memory_length memory=0", "const 100004", "add", "le_u",
                "trap_unless", "code=memory_out_of_bounds", "guard", "load.u32");
        assertThat(text).contains("offset=0 memory=0");
    }

    @Test
    void constantGlobalsAreConstants() {
        Graph graph = build(new Wasm().op(GLOBAL_GET, 5));
        assertThat(graph.toString()).contains("const 42").doesNotContain("global_get");
    }

    @Test
    void smallReferencesAreArithmetic() {
        String text = build(new Wasm().i32(1).op(REF_I31).op(I31_GET_U)).toString();
        assertThat(text).containsSubsequence("shl", "or", "extend_u", "ne", "code=null_reference", "wrap", "shr_u");
    }

    /** Depth, locals and branches that would break recursion or quadratic work. */
    @Test
    void largeBodiesAreNoProblem() {
        int n = 40_000;
        Wasm body = new Wasm();
        for (int i = 0; i < n; i++) {
            body.open(i % 3 == 0 ? LOOP : BLOCK, T_NOTHING).op(LOCAL_GET, 0).op(LOCAL_SET, 2 + i % 50);
        }
        for (int i = 0; i < n; i++) {
            body.op(LOCAL_GET, 1).op(BR_IF, Math.min(i % 7, n - 1 - i)).op(END);
        }
        for (int i = 0; i < 50; i++) {
            body.op(LOCAL_GET, 2 + i);
        }
        for (int i = 0; i < 49; i++) {
            body.op(I32_ADD);
        }
        List<ValType> locals = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            locals.add(I32);
        }
        Graph graph = build(body, locals.toArray(ValType[]::new));
        new Optimizer(CompileOptions.DEFAULT.withVerify(true)).run(graph);
        assertThat(graph.size()).isGreaterThan(n);
    }
}
