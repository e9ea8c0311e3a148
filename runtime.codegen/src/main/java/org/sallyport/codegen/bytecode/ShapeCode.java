package org.sallyport.codegen.bytecode;

import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.sallyport.codegen.ir.Type;

/** Between calls of a {@link Shape} and those of {@link org.sallyport.spi.GuestFunction}: a hidden class for each shape. */
final class ShapeCode {
    private static final ClassDesc HANDLE = ConstantDescs.CD_MethodHandle;
    private static final String ENTER = "enter";
    private static final String FOREIGN = "foreign";

    private final Shape shape;
    private final MethodHandle enter;
    private final MethodHandle foreign;

    ShapeCode(Shape shape) {
        this.shape = shape;
        ClassDesc name = ClassDesc.of(ShapeCode.class.getPackageName(), "Shape$Code");
        byte[] file = ClassFile.of().build(name, c -> {
            c.withFlags(ACC_FINAL);
            c.withMethodBody(
                    ENTER, MethodTypeDesc.of(ConstantDescs.CD_void, HANDLE, Shape.LONGS, Shape.CONTEXT), ACC_STATIC, this::enter);
            c.withMethodBody(FOREIGN, shape.descriptor, ACC_STATIC, this::foreign);
        });
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(file, false);
            MethodType entering = MethodType.methodType(void.class, MethodHandle.class, long[].class, Context.class);
            enter = lookup.findStatic(lookup.lookupClass(), ENTER, entering);
            foreign = lookup.findStatic(lookup.lookupClass(), FOREIGN, shape.methodType(ShapeCode.class.getClassLoader()));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: a class that was made here: " + e, e);
        }
    }

    /** (code, slots, context): calls the code with arguments from the slots, and puts the results there. */
    MethodHandle enter() {
        return enter;
    }

    /** Calls the function of its context, as code of this shape. */
    MethodHandle foreign() {
        return foreign;
    }

    private void enter(CodeBuilder code) {
        int slots = 1;
        int context = 2;
        code.aload(0);
        if (shape.isWide) {
            code.aload(slots);
        } else {
            unpack(code, shape.params, slots, context);
        }
        code.aload(context).invokevirtual(HANDLE, "invokeExact", shape.descriptor);
        if (!shape.isWide) {
            storeResults(code, shape, slots, context, 3);
        }
        code.return_();
    }

    private void foreign(CodeBuilder code) {
        int context = 0;
        for (Type param : shape.params) {
            context += Slots.words(param);
        }
        int slots = context + 1;
        if (shape.isWide) {
            slots = 0;
            context = 1;
        } else {
            code.loadConstant(shape.slots()).newarray(java.lang.classfile.TypeKind.LONG).astore(slots);
            pack(code, shape.params, slots, context);
        }
        code.aload(context).aload(slots);
        code.invokevirtual(Shape.CONTEXT, "callForeign", MethodTypeDesc.of(ConstantDescs.CD_void, Shape.LONGS));
        if (shape.isWide) {
            code.return_();
        } else {
            returnResults(code, shape, slots, context);
        }
    }

    /** Pushes values that are in slots. */
    private static void unpack(CodeBuilder code, Type[] types, int slots, int context) {
        for (int i = 0; i < types.length; i++) {
            code.aload(slots).loadConstant(2 * i).laload();
            Convert.fromLong(code, types[i], context);
            if (types[i] == Type.V128) {
                code.aload(slots).loadConstant(2 * i + 1).laload();
            }
        }
    }

    /** Puts values that are in variables, one behind the other, into slots. */
    private static void pack(CodeBuilder code, Type[] types, int slots, int context) {
        int at = context;
        for (int i = types.length - 1; i >= 0; i--) {
            at -= Slots.words(types[i]);
            code.aload(slots).loadConstant(2 * i);
            if (types[i] == Type.V128) {
                code.lload(at).lastore();
                code.aload(slots).loadConstant(2 * i + 1).lload(at + 2);
            } else {
                code.loadLocal(Shape.kind(types[i]), at);
                Convert.toLong(code, types[i], context);
            }
            code.lastore();
        }
    }

    /** Behind a call: puts the results into slots. */
    private static void storeResults(CodeBuilder code, Shape shape, int slots, int context, int free) {
        int word = 0;
        for (int i = 0; i < shape.results.length; i++) {
            for (int half = 0; half < (shape.results[i] == Type.V128 ? 2 : 1); half++) {
                if (word == 0) {
                    Convert.toLong(code, shape.resultWords.getFirst(), context);
                    code.lstore(free);
                }
                code.aload(slots).loadConstant(2 * i + half);
                if (word == 0) {
                    code.lload(free);
                } else {
                    code.aload(context).getfield(Shape.CONTEXT, "results", Shape.LONGS).loadConstant(word).laload();
                }
                code.lastore();
                word++;
            }
        }
    }

    /** Returns results that are in slots. */
    static void returnResults(CodeBuilder code, Shape shape, int slots, int context) {
        int word = 0;
        for (int i = 0; i < shape.results.length; i++) {
            for (int half = 0; half < (shape.results[i] == Type.V128 ? 2 : 1); half++) {
                if (word > 0) {
                    code.aload(context).getfield(Shape.CONTEXT, "results", Shape.LONGS).loadConstant(word);
                    code.aload(slots).loadConstant(2 * i + half).laload().lastore();
                }
                word++;
            }
        }
        if (word == 0) {
            code.return_();
            return;
        }
        Type first = shape.resultWords.getFirst();
        code.aload(slots).loadConstant(0).laload();
        Convert.fromLong(code, first, context);
        code.return_(Shape.kind(first));
    }
}
