package org.sallyport.codegen.bytecode;

import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Type;

/** Makes a function of several methods: its {@link Parts}, and one that others call, which has them go on one after the other. */
final class EmitParts {
    private static final MethodTypeDesc PART =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, Shape.LONGS, Shape.CONTEXT);
    /** The largest method that the JVM takes. */
    private static final int LARGEST = 0xFFFF;
    private static final int TRIES = 5;

    private final ModuleCode module;
    private final Graph graph;
    private final Shape shape;
    private final ClassDesc owner;
    private final int function;

    EmitParts(ModuleCode module, Graph graph, Shape shape, int function) {
        this.module = module;
        this.graph = graph;
        this.shape = shape;
        this.function = function;
        owner = module.classOf(function);
    }

    /** @throws IllegalArgumentException if no way of cutting makes methods that the JVM takes */
    void run(ClassBuilder c, String method, Lines lines) {
        Parts parts = cut();
        for (int i = 0; i < parts.count(); i++) {
            part(c, parts, i, lines);
        }
        c.withMethodBody(method, shape.descriptor, ClassFile.ACC_PUBLIC | ACC_STATIC, code -> all(code, parts));
    }

    /** Cuts so finely that each part is as small as wanted, or as near to that as is tried. */
    private Parts cut() {
        int most = module.backEnd().methodBytes();
        int bytes = most * 2 / 3;
        for (int i = 1; ; i++) {
            Parts parts = new Parts(graph, shape, bytes);
            int largest = largest(parts);
            if (largest <= most || largest <= LARGEST && i >= TRIES) {
                return parts;
            }
            if (i >= TRIES) {
                throw new IllegalArgumentException("so much is alive at once that even small parts are too large");
            }
            bytes = Math.max(1, bytes / 2);
        }
    }

    private int largest(Parts parts) {
        try {
            byte[] file = ClassFile.of().build(owner, c -> {
                for (int i = 0; i < parts.count(); i++) {
                    part(c, parts, i, new Lines());
                }
            });
            return ClassFile.of().parse(file).methods().stream()
                    .map(m -> (CodeAttribute) m.code().orElseThrow())
                    .mapToInt(CodeAttribute::codeLength)
                    .max()
                    .orElse(0);
        } catch (IllegalArgumentException e) {
            return Integer.MAX_VALUE;
        }
    }

    private String name(int part) {
        return ModuleCode.partName(function, part);
    }

    private void part(ClassBuilder c, Parts parts, int part, Lines lines) {
        c.withMethodBody(
                name(part),
                PART,
                ACC_PRIVATE | ACC_STATIC,
                code -> new EmitFunction(module, graph, shape, code, lines, parts, part).run());
    }

    // ---- the borders of a part

    /** At the start of a part: takes what is alive from the frame. */
    static void enter(CodeBuilder code, Parts parts, int part, Label[] labels) {
        List<Integer> entries = parts.entries(part);
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            cases.add(SwitchCase.of(i, code.newLabel()));
        }
        code.iload(Variables.BLOCK).loadConstant((1 << Parts.partBits()) - 1).iand();
        code.tableswitch(0, entries.size() - 1, cases.getFirst().target(), cases);
        for (int i = 0; i < entries.size(); i++) {
            code.labelBinding(cases.get(i).target());
            for (int v : parts.alive(entries.get(i))) {
                Words.read(code, parts.type(v), Variables.FRAME, parts.place(v), parts.variables.context());
                Words.store(code, parts.type(v), parts.slots.of(v));
            }
            code.goto_(labels[entries.get(i)]);
        }
    }

    /** Where a part gives way to another one: puts what is alive there into the frame. */
    static void leave(CodeBuilder code, Parts parts, int to) {
        for (int v : parts.alive(to).reversed()) {
            Words.load(code, parts.type(v), parts.slots.of(v));
            Words.write(
                    code, parts.type(v), Variables.FRAME, parts.place(v), parts.slots.end(), parts.variables.context());
        }
        code.loadConstant(parts.number(to)).ireturn();
    }

    // ---- the whole

    private void all(CodeBuilder code, Parts parts) {
        Variables variables = Variables.ofWhole(shape);
        int frame = variables.free();
        int next = frame + 1;
        code.loadConstant(parts.frame()).newarray(TypeKind.LONG).astore(frame);
        for (int v : parts.arguments().reversed()) {
            int i = (int) graph.imm(v);
            if (shape.isWide) {
                Words.read(code, shape.params[i], Variables.SLOTS, 2 * i, variables.context());
            } else {
                Words.load(code, shape.params[i], variables.parameters()[i]);
            }
            Words.write(code, shape.params[i], frame, parts.place(v), next + 1, variables.context());
        }
        code.loadConstant(parts.number(graph.firstBlock())).istore(next);
        Label again = code.newBoundLabel();
        Label end = code.newLabel();
        code.iload(next).iflt(end);
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 0; i < parts.count(); i++) {
            cases.add(SwitchCase.of(i, code.newLabel()));
        }
        code.iload(next).loadConstant(Parts.partBits()).ishr();
        code.tableswitch(0, parts.count() - 1, end, cases);
        for (int i = 0; i < parts.count(); i++) {
            code.labelBinding(cases.get(i).target());
            code.iload(next).aload(frame).aload(variables.context());
            code.invokestatic(owner, name(i), PART).istore(next).goto_(again);
        }
        code.labelBinding(end);
        results(code, frame, variables.context());
    }

    /** The results are at the start of the frame. */
    private void results(CodeBuilder code, int frame, int context) {
        Type[] results = shape.results;
        if (shape.isWide) {
            for (int i = 0; i < results.length; i++) {
                Words.copy(code, results[i], frame, shape.wordOf(i), Variables.SLOTS, 2 * i);
            }
            code.return_();
            return;
        }
        List<Type> words = shape.resultWords;
        for (int i = 1; i < words.size(); i++) {
            code.aload(context).getfield(Shape.CONTEXT, "results", Shape.LONGS).loadConstant(i);
            code.aload(frame).loadConstant(i).laload().lastore();
        }
        if (!words.isEmpty()) {
            code.aload(frame).iconst_0().laload();
            Convert.fromLong(code, words.getFirst(), context);
        }
        code.return_(shape.resultKind());
    }

    /** What a function that has been cut needs: null means that it is one method. */
    static @Nullable EmitParts of(ModuleCode module, Graph graph, Shape shape, int function) {
        if (Parts.bytes(graph) <= module.backEnd().methodBytes()) {
            return null;
        }
        return new EmitParts(module, graph, shape, function);
    }
}
