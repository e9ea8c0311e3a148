package org.sallyport.codegen.x64;

import org.sallyport.CompileOptions;
import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.spi.ValidModule;

/** The machine instructions of a function, before registers are allocated, and who checks them. */
record LoweredFunction(Lir lir, LirVerifier verifier, int function) {
    static LoweredFunction of(ValidModule module, int function, CpuFeatures cpu, boolean optimize) {
        var facts = new ModuleFacts(module, CompileOptions.DEFAULT.withVerify(true).withOptimize(optimize));
        var graph = new Graph();
        new BuildGraph(facts).build(function, graph);
        var isa = new X64(cpu);
        var code = new ModuleCode(facts, isa);
        new Optimizer(facts, code.vmLayout()).run(graph);
        var lir = new Lir(isa.registers(code), Meter.unlimited());
        isa.lowering(code, graph, lir).run();
        return new LoweredFunction(lir, new LirVerifier(lir, isa.rules(code, lir)), function);
    }

    void check() {
        verifier.check(function);
    }

    /** The first instruction of that kind. */
    int first(Inst inst) {
        for (int i = 0; i < lir.instructionCount(); i++) {
            if (lir.op(i) == inst.ordinal()) {
                return i;
            }
        }
        throw new AssertionError("no " + inst + " in\n" + LirPrinter.print(lir, null));
    }

    /** The block that has the first instruction of that kind. */
    int blockOf(Inst inst) {
        return lir.blockOf(first(inst));
    }

    /** The first block that has parameters, and one that passes it arguments. */
    int joined() {
        int b = 0;
        while (lir.paramCount(b) == 0) {
            b++;
        }
        return b;
    }

    /** The first or last virtual register of the class that an instruction defines. */
    int defined(RegisterClass registerClass, boolean last) {
        int found = -1;
        for (int k = 0; k < lir.operandStart(lir.instructionCount()); k++) {
            int vreg = Operand.vreg(lir.operand(k));
            if (Operand.isDef(lir.operand(k)) && lir.registerClass(vreg) == registerClass && (found < 0 || last)) {
                found = vreg;
            }
        }
        return found;
    }

    /** The instruction with its mark turned. */
    int turned(Inst inst, int mark) {
        return lir.aux(first(inst)) ^ mark;
    }
}
