package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.pipeline.SelectedValues;

/** What all parts of instruction selection share. */
final class Selection extends SelectedValues {
    private static final Makers MAKERS =
            new Makers(Inst.MOVI.ordinal(), Inst.MOVF.ordinal(), Inst.VCONST.ordinal(), Inst.VMCTX.ordinal());

    final CpuFeatures cpu;

    Selection(Graph graph, Lir lir, CpuFeatures cpu, ModuleCode module) {
        super(graph, lir, module, MAKERS);
        this.cpu = cpu;
    }

    /** Whether the value is a constant that fits a sign-extended 32-bit immediate. */
    boolean isImm(int v) {
        return graph.isConst(v) && graph.imm(v) == (int) graph.imm(v) && switch (graph.type(v)) {
            case I32, I64, REF -> true;
            case F32, F64, V128, VOID -> false;
        };
    }
}
