package org.sallyport.codegen.aarch64;

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

    int bits(int v) {
        return graph.type(v).bytes() * 8;
    }

    boolean isConst(int v, long value) {
        return graph.isConst(v) && graph.imm(v) == value;
    }

    /** A value that nobody wants so far: doing its work here again costs nothing. */
    boolean isFree(int v) {
        return isLocal(v) && !isWanted(v) && !isSwallowed(v);
    }

    void open(Inst inst, int aux, int v) {
        lir.add(inst.ordinal(), aux, graph.position(v));
    }
}
