package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import org.sallyport.codegen.ir.Type;

/** Values on the stack of the JVM to and from variables and lists of {@code long}s. A vector is two, the lower half first. */
final class Words {
    private Words() {}

    /** How many words of a list a value takes where vectors are packed. */
    static int count(Type type) {
        return type == Type.V128 ? 2 : 1;
    }

    /** Copies what is in one list to another one, whatever it is. */
    static void copy(CodeBuilder code, Type type, int from, int at, int to, int index) {
        for (int i = 0; i < count(type); i++) {
            code.aload(to).loadConstant(index + i);
            code.aload(from).loadConstant(at + i).laload().lastore();
        }
    }

    static void load(CodeBuilder code, Type type, int variable) {
        if (type == Type.V128) {
            code.lload(variable).lload(variable + 2);
        } else {
            code.loadLocal(Shape.kind(type), variable);
        }
    }

    static void store(CodeBuilder code, Type type, int variable) {
        if (type == Type.V128) {
            code.lstore(variable + 2).lstore(variable);
        } else {
            code.storeLocal(Shape.kind(type), variable);
        }
    }

    /** Pushes what is in the list that a variable holds; references are taken. */
    static void read(CodeBuilder code, Type type, int list, int at, int context) {
        code.aload(list).loadConstant(at).laload();
        Convert.fromLong(code, type, context);
        if (type == Type.V128) {
            code.aload(list).loadConstant(at + 1).laload();
        }
    }

    /**
     * Puts the value on the stack into the list that a variable holds. References are passed: several from the last to the
     * first. @param free two variables, or four for vectors
     */
    static void write(CodeBuilder code, Type type, int list, int at, int free, int context) {
        if (type == Type.V128) {
            code.lstore(free + 2);
            write(code, Type.I64, list, at, free, context);
            code.aload(list).loadConstant(at + 1).lload(free + 2).lastore();
            return;
        }
        Convert.toLong(code, type, context);
        code.lstore(free).aload(list).loadConstant(at).lload(free).lastore();
    }
}
