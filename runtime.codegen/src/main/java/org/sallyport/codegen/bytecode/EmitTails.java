package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Type;

/**
 * Tail calls. A function that has some is two methods: its body, which leaves the call in the context and returns; and what
 * others call, which does the calls that are left, one after the other.
 */
final class EmitTails {
    static final ClassDesc TARGET = Shape.desc(Target.class);

    private EmitTails() {}

    static void finishing(CodeBuilder code, ClassDesc owner, String body, Shape shape) {
        int context = 0;
        for (Type word : Shape.words(shape.params)) {
            if (!shape.isWide) {
                code.loadLocal(Shape.kind(word), context);
                context += Slots.words(word);
            }
        }
        if (shape.isWide) {
            code.aload(0);
            context = 1;
        }
        code.aload(context).invokestatic(owner, body, shape.descriptor);
        Label done = code.newLabel();
        code.aload(context).getfield(Shape.CONTEXT, "tail", TARGET).ifnull(done);
        code.aload(context).invokevirtual(Shape.CONTEXT, "finish", MethodTypeDesc.of(Shape.LONGS));
        int slots = context + 1;
        code.astore(slots);
        if (shape.isWide) {
            code.aload(slots).iconst_0().aload(0).iconst_0().loadConstant(2 * shape.results.length);
            code.invokestatic(
                    ClassDesc.of("java.lang.System"),
                    "arraycopy",
                    MethodTypeDesc.of(
                            ConstantDescs.CD_void,
                            ConstantDescs.CD_Object,
                            ConstantDescs.CD_int,
                            ConstantDescs.CD_Object,
                            ConstantDescs.CD_int,
                            ConstantDescs.CD_int));
            code.return_();
        } else {
            if (!shape.resultWords.isEmpty()) { // what the body has returned means nothing
                if (Slots.words(shape.resultWords.getFirst()) == 2) {
                    code.pop2();
                } else {
                    code.pop();
                }
            }
            ShapeCode.returnResults(code, shape, slots, context);
        }
        code.labelBinding(done);
        code.return_(shape.resultKind());
    }
}
