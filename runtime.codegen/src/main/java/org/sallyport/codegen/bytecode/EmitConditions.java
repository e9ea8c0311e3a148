package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;

/** Comparisons, and what depends on them. */
final class EmitConditions {
    private static final MethodTypeDesc COMPARE_INTS =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int);
    private static final MethodTypeDesc COMPARE_LONGS =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_long);

    private final EmitFunction out;
    private final Graph graph;
    private final CodeBuilder code;

    EmitConditions(EmitFunction out) {
        this.out = out;
        graph = out.graph;
        code = out.code;
    }

    /** Goes to the label if {@code v != 0} is what is wanted. */
    void branch(int v, boolean wanted, Label to) {
        Opcode op;
        if (out.plan.deferred[v] && graph.op(v).isCompare()) {
            op = compare(v);
        } else {
            out.push(v);
            op = Opcode.IFNE;
        }
        code.branch(wanted ? op : EmitFunction.inverse(op), to);
    }

    /** The comparison as 0 or 1. */
    void value(int v) {
        Label yes = code.newLabel();
        Label end = code.newLabel();
        code.branch(compare(v), yes);
        code.iconst_0().goto_(end);
        code.labelBinding(yes);
        code.iconst_1();
        code.labelBinding(end);
    }

    /** Pushes what is compared. @return the jump that is taken if the comparison holds */
    private Opcode compare(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        Op op = graph.op(v);
        Type type = graph.type(a);
        out.push(a);
        if (type == Type.I32 && graph.isConst(b) && graph.imm(b) == 0 && !isUnsigned(op)) {
            return withZero(op);
        }
        if (type == Type.REF && graph.isConst(b)) {
            return op == Op.EQ ? Opcode.IFNULL : Opcode.IFNONNULL;
        }
        out.push(b);
        switch (type) {
            case I32 -> {
                if (!isUnsigned(op)) {
                    return ints(op);
                }
                code.invokestatic(ConstantDescs.CD_Integer, "compareUnsigned", COMPARE_INTS);
            }
            case REF -> {
                return op == Op.EQ ? Opcode.IF_ACMPEQ : Opcode.IF_ACMPNE;
            }
            case I64 -> {
                if (isUnsigned(op)) {
                    code.invokestatic(ConstantDescs.CD_Long, "compareUnsigned", COMPARE_LONGS);
                } else {
                    code.lcmp();
                }
            }
            case F32 -> {
                if (op == Op.FLT || op == Op.FLE) {
                    code.fcmpg();
                } else {
                    code.fcmpl();
                }
            }
            case F64 -> {
                if (op == Op.FLT || op == Op.FLE) {
                    code.dcmpg();
                } else {
                    code.dcmpl();
                }
            }
            case V128, VOID -> throw new AssertionError("BUG: a comparison of " + type);
        }
        return withZero(op);
    }

    private static boolean isUnsigned(Op op) {
        return op == Op.LT_U || op == Op.LE_U || op == Op.GT_U || op == Op.GE_U;
    }

    private static Opcode withZero(Op op) {
        return switch (op) {
            case EQ, FEQ -> Opcode.IFEQ;
            case NE, FNE -> Opcode.IFNE;
            case LT_S, LT_U, FLT -> Opcode.IFLT;
            case GT_S, GT_U, FGT -> Opcode.IFGT;
            case LE_S, LE_U, FLE -> Opcode.IFLE;
            case GE_S, GE_U, FGE -> Opcode.IFGE;
            default -> throw new AssertionError("BUG: no comparison: " + op);
        };
    }

    private static Opcode ints(Op op) {
        return switch (op) {
            case EQ -> Opcode.IF_ICMPEQ;
            case NE -> Opcode.IF_ICMPNE;
            case LT_S -> Opcode.IF_ICMPLT;
            case GT_S -> Opcode.IF_ICMPGT;
            case LE_S -> Opcode.IF_ICMPLE;
            case GE_S -> Opcode.IF_ICMPGE;
            default -> throw new AssertionError("BUG: no comparison of i32: " + op);
        };
    }
}
