package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;

class LowerRuntimeTest {
    private static final FuncType NOTHING = FuncType.EMPTY;
    private static final FuncType ONE = new FuncType(List.of(NumType.I32), List.of(NumType.I32));

    private static TestModule module(Wasm body) {
        return new TestModule(List.of(NOTHING, ONE), 0, 1, List.of(), body.op(Opcode.END).toBytes(), CompileOptions.DEFAULT);
    }

    private static Wasm everything() {
        return new Wasm()
                .op(Opcode.GLOBAL_GET, 0).op(Opcode.GLOBAL_SET, 1)
                .op(Opcode.GLOBAL_GET, 1).op(Opcode.GLOBAL_SET, 0)
                .op(Opcode.LOCAL_GET, 0).op(Opcode.TABLE_GET, 0).op(Opcode.DROP)
                .i32(1).op(Opcode.REF_FUNC, 1).op(Opcode.TABLE_SET, 0)
                .op(Opcode.LOCAL_GET, 0).i32(3).op(Opcode.CALL_INDIRECT, 1, 0)
                .op(Opcode.MEMORY_SIZE).unsigned(0).op(Opcode.I32_ADD);
    }

    private static List<Integer> all(Graph graph) {
        List<Integer> list = new ArrayList<>();
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                list.add(v);
            }
        }
        return list;
    }

    @Test
    void aGraphAsBuiltKnowsNoAddress() {
        Graph graph = module(everything()).build();
        assertThat(all(graph).stream().map(graph::op)).doesNotContain(Op.VMCTX, Op.VMLOAD, Op.VMSTORE);
        assertThat(graph.toString()).contains("global_get global=0", "global_set", "table_get", "table_set",
                "ref_func function=1", "func_type", "type_number type=1", "call_ref", "memory_length memory=0");
    }

    @Test
    void nothingSymbolicIsLeft() {
        Graph graph = module(everything()).buildLowered();
        Verifier.verify(graph, "runtime");
        assertThat(all(graph)).noneMatch(v -> graph.op(v).isSymbolic());
        assertThat(graph.op(graph.first(graph.firstBlock()))).as("the context is made first").isEqualTo(Op.VMCTX);
    }

    @Test
    void anImportedGlobalIsReachedByAPointerAndAnOwnOneIsInTheContext() {
        TestModule module = module(new Wasm().op(Opcode.GLOBAL_GET, 0).op(Opcode.GLOBAL_GET, 1).op(Opcode.I32_ADD));
        String text = module.buildLowered().toString();
        assertThat(text).containsPattern("v(\\d+):i64 = vmload.w64 v\\d+ offset=" + module.layout().global(0) + " in=constant.*\n"
                + ".* = vmload.u32 v\\1 offset=0 in=global:\\*");
        assertThat(text).contains("offset=" + module.layout().global(1) + " in=global:1");
    }

    @Test
    void aCallByReferenceReadsCodeAndContext() {
        Graph graph = module(new Wasm().op(Opcode.LOCAL_GET, 0).i32(3).op(Opcode.CALL_INDIRECT, 1, 0)).buildLowered();
        int call = all(graph).stream().filter(v -> graph.op(v) == Op.CALL_INDIRECT).findFirst().orElseThrow();
        assertThat(graph.operandCount(call)).isEqualTo(3);
        assertThat(graph.imm(graph.operand(call, 0))).isEqualTo(VmLayout.FUNCREF_CODE);
        assertThat(graph.imm(graph.operand(call, 1))).isEqualTo(VmLayout.FUNCREF_VMCTX);
        assertThat(graph.op(graph.operand(call, 2))).isEqualTo(Op.ARG);
    }

    @Test
    void whatNeedsNoContextGetsNone() {
        Graph graph = module(new Wasm().op(Opcode.LOCAL_GET, 0)).buildLowered();
        assertThat(all(graph)).noneMatch(v -> graph.op(v) == Op.VMCTX);
    }
}
