package org.sallyport.codegen.bytecode;

import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import org.sallyport.CompilationException;
import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.meter.Meter;

/** Makes the class file of some functions of a module. Serves one thread. */
final class EmitClass {
    private final ModuleCode module;
    private final ModuleFacts facts;
    private final BuildGraph build;
    private final Optimizer optimizer;
    private final Graph graph;

    EmitClass(ModuleCode module, Meter meter) {
        this.module = module;
        facts = module.facts();
        build = new BuildGraph(facts);
        optimizer = new Optimizer(facts);
        graph = new Graph(meter);
    }

    /** @param number of the class; its functions are those from {@code first} to before {@code end} */
    byte[] run(int number, int first, int end, Lines lines) {
        return ClassFile.of().build(module.classDesc(number), c -> {
            c.withFlags(ACC_PUBLIC | ACC_FINAL);
            for (int i = first; i < end; i++) {
                function(c, i, lines);
            }
        });
    }

    private void function(ClassBuilder c, int function, Lines lines) {
        int index = facts.valid().spaces().importedFuncs() + function;
        build.build(index, graph);
        optimizer.run(graph);
        Shape shape = module.shapeOf(index);
        boolean tails = module.tailCalls(function);
        String method = tails ? ModuleCode.bodyName(function) : ModuleCode.methodName(function);
        EmitParts parts = EmitParts.of(module, graph, shape, function);
        try {
            if (parts != null) {
                module.setCut(function);
                parts.run(c, method, lines);
            } else {
                Plan plan = new Plan(graph);
                c.withMethodBody(
                        method,
                        shape.descriptor,
                        ACC_PUBLIC | ACC_STATIC,
                        code -> new EmitFunction(module, graph, plan, shape, code, lines).run());
            }
        } catch (IllegalArgumentException e) {
            throw new CompilationException(
                    facts.place(index) + ": the portable back end cannot compile it: " + e.getMessage(), e);
        }
        if (tails) {
            c.withMethodBody(
                    ModuleCode.methodName(function),
                    shape.descriptor,
                    ACC_PUBLIC | ACC_STATIC,
                    code -> EmitTails.finishing(code, module.classOf(function), method, shape));
        }
    }
}
