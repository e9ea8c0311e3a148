package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.ObjectParts;

/** Instructions that compute, and those that read and write what an instance has besides memories. */
final class EmitValues {
    private static final ClassDesc NUMBERS = Shape.desc(Numbers.class);
    private static final ClassDesc CELL = Shape.desc(GlobalCell.class);
    private static final ClassDesc TABLE = Shape.desc(ArrayTable.class);
    private static final ClassDesc PARTS = Shape.desc(ObjectParts.class);
    private static final ClassDesc OBJECTS = ConstantDescs.CD_Object.arrayType();
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");

    private final EmitFunction out;
    private final EmitConditions conditions;
    private final Graph graph;
    private final CodeBuilder code;

    EmitValues(EmitFunction out, EmitConditions conditions) {
        this.out = out;
        this.conditions = conditions;
        graph = out.graph;
        code = out.code;
    }

    void emit(int v) {
        Op op = graph.op(v);
        if (op.isCompare()) {
            conditions.value(v);
            return;
        }
        switch (op) {
            case SELECT -> select(v, true);
            case GUARD -> select(v, false);
            case GLOBAL_GET -> globalGet(v);
            case GLOBAL_SET -> globalSet(v);
            case TABLE_LENGTH -> tableLength(v);
            case TABLE_GET -> tableGet(v);
            case TABLE_SET -> tableSet(v);
            case REF_FUNC -> asks("reference", ConstantDescs.CD_long, v);
            case TYPE_NUMBER -> asks("typeNumber", ConstantDescs.CD_int, v);
            case FUNC_TYPE -> {
                code.aload(out.context);
                out.push(graph.a(v));
                out.at(v);
                code.invokevirtual(Shape.CONTEXT, "typeOf", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long));
            }
            case FUNC_ANCESTOR -> {
                code.aload(out.context);
                out.push(graph.a(v));
                code.loadConstant((int) graph.imm(v));
                out.at(v);
                code.invokevirtual(
                        Shape.CONTEXT,
                        "ancestor",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int));
            }
            case CHARGE, CHARGE_BY -> charge(v);
            default -> arithmetic(v, op);
        }
    }

    private void select(int v, boolean hasOther) {
        Label other = code.newLabel();
        Label end = code.newLabel();
        conditions.branch(graph.a(v), false, other);
        out.push(graph.b(v));
        code.goto_(end).labelBinding(other);
        if (hasOther) {
            out.push(graph.c(v));
        } else if (graph.type(v) == Type.I32) {
            code.iconst_0();
        } else {
            code.lconst_0();
        }
        code.labelBinding(end);
    }

    /** Asks the instance for something that has an index. */
    private void asks(String method, ClassDesc result, int v) {
        code.aload(out.context).getfield(Shape.CONTEXT, "parts", PARTS).loadConstant((int) graph.imm(v));
        out.at(v);
        code.invokeinterface(PARTS, method, MethodTypeDesc.of(result, ConstantDescs.CD_int));
    }

    // ---- globals, tables, fuel

    private void pushCell(int index) {
        code.aload(out.context);
        if (index < 2) {
            code.getfield(Shape.CONTEXT, "global" + index, CELL);
        } else {
            code.getfield(Shape.CONTEXT, "globals", CELL.arrayType()).loadConstant(index).aaload();
        }
    }

    private void globalGet(int v) {
        pushCell((int) graph.imm(v));
        if (graph.type(v) == Type.REF) {
            code.getfield(CELL, "object", ConstantDescs.CD_Object);
            return;
        }
        code.getfield(CELL, "low", ConstantDescs.CD_long);
        Convert.fromLong(code, graph.type(v), out.context);
        if (graph.type(v) == Type.V128) {
            pushCell((int) graph.imm(v));
            code.getfield(CELL, "high", ConstantDescs.CD_long);
        }
    }

    private void globalSet(int v) {
        int a = graph.a(v);
        boolean isVector = graph.type(a) == Type.V128;
        pushCell((int) graph.imm(v));
        if (graph.type(a) == Type.REF) {
            out.push(a);
            code.putfield(CELL, "object", ConstantDescs.CD_Object);
            return;
        }
        if (isVector) {
            code.dup();
            out.pushHalf(a, true);
            code.putfield(CELL, "high", ConstantDescs.CD_long);
            out.pushHalf(a, false);
        } else {
            out.push(a);
        }
        Convert.toLong(code, graph.type(a), out.context);
        code.putfield(CELL, "low", ConstantDescs.CD_long);
    }

    private void pushElements(int index) {
        code.aload(out.context);
        if (index == 0) {
            code.getfield(Shape.CONTEXT, "table0", TABLE);
        } else {
            code.getfield(Shape.CONTEXT, "tables", TABLE.arrayType()).loadConstant(index).aaload();
        }
        if (isOfObjects(index)) {
            code.getfield(TABLE, "objects", OBJECTS);
        } else {
            code.getfield(TABLE, "elements", Shape.LONGS);
        }
    }

    private boolean isOfObjects(int table) {
        ModuleFacts facts = out.module.facts();
        return facts.type(facts.valid().spaces().table(table).element()) == Type.REF;
    }

    private void tableLength(int v) {
        pushElements((int) graph.imm(v));
        code.arraylength();
        if (graph.type(v) == Type.I64) {
            code.i2l();
        }
    }

    private void pushIndex(int a) {
        out.push(a);
        if (graph.type(a) == Type.I64) {
            code.l2i();
        }
    }

    private void tableGet(int v) {
        pushElements((int) graph.imm(v));
        pushIndex(graph.a(v));
        if (graph.type(v) == Type.REF) {
            code.aaload();
        } else {
            code.laload();
        }
    }

    private void tableSet(int v) {
        pushElements((int) graph.imm(v));
        pushIndex(graph.a(v));
        out.push(graph.b(v));
        if (graph.type(graph.b(v)) == Type.REF) {
            code.aastore();
        } else {
            code.lastore();
        }
    }

    private void charge(int v) {
        code.aload(out.context).getfield(Shape.CONTEXT, "fuel", CELL).dup().getfield(CELL, "low", ConstantDescs.CD_long);
        if (graph.op(v) == Op.CHARGE) {
            code.loadConstant(graph.imm(v));
        } else {
            out.push(graph.a(v));
        }
        code.lsub();
        if (!graph.isCheckedCharge(v)) {
            code.putfield(CELL, "low", ConstantDescs.CD_long);
            return;
        }
        Label goOn = code.newLabel();
        code.dup2_x1().putfield(CELL, "low", ConstantDescs.CD_long);
        code.lconst_0().lcmp().ifge(goOn);
        out.at(v);
        ClassDesc thrown = ClassDesc.of("org.sallyport.OutOfFuelException");
        code.aload(out.context).invokevirtual(Shape.CONTEXT, "outOfFuel", MethodTypeDesc.of(thrown)).athrow();
        code.labelBinding(goOn);
    }

    // ---- arithmetic

    private void arithmetic(int v, Op op) {
        int a = graph.a(v);
        Type type = graph.type(a);
        out.push(a);
        boolean isLong = type == Type.I64;
        switch (op) {
            case SHL, SHR_S, SHR_U, ROTL, ROTR -> {
                out.push(graph.b(v));
                if (isLong) {
                    code.l2i();
                }
            }
            default -> {
                if (graph.operandCount(v) > 1) {
                    out.push(graph.b(v));
                }
            }
        }
        if (type.isFloat()) {
            floats(v, op, type);
        } else {
            integers(v, op, isLong);
        }
    }

    private void integers(int v, Op op, boolean isLong) {
        switch (op) {
            case ADD -> either(isLong, code::ladd, code::iadd);
            case SUB -> either(isLong, code::lsub, code::isub);
            case MUL -> either(isLong, code::lmul, code::imul);
            case AND -> either(isLong, code::land, code::iand);
            case OR -> either(isLong, code::lor, code::ior);
            case XOR -> either(isLong, code::lxor, code::ixor);
            case SHL -> either(isLong, code::lshl, code::ishl);
            case SHR_S -> either(isLong, code::lshr, code::ishr);
            case SHR_U -> either(isLong, code::lushr, code::iushr);
            case ROTL -> box(isLong, "rotateLeft", ConstantDescs.CD_int);
            case ROTR -> box(isLong, "rotateRight", ConstantDescs.CD_int);
            case CLZ -> count(isLong, "numberOfLeadingZeros");
            case CTZ -> count(isLong, "numberOfTrailingZeros");
            case POPCNT -> count(isLong, "bitCount");
            case MULHI_S -> multiply("multiplyHigh");
            case MULHI_U -> multiply("unsignedMultiplyHigh");
            case DIV_S -> divide(v, isLong, "divS");
            case DIV_U -> divide(v, isLong, "divU");
            case REM_S -> divide(v, isLong, "remS");
            case REM_U -> divide(v, isLong, "remU");
            case EXTEND8_S -> extend(isLong, code::i2b);
            case EXTEND16_S -> extend(isLong, code::i2s);
            case EXTEND_S -> code.i2l();
            case EXTEND_U -> code.i2l().loadConstant(0xFFFF_FFFFL).land();
            case WRAP -> code.l2i();
            case CONVERT_S -> convertSigned(isLong, graph.type(v) == Type.F32);
            case CONVERT_U -> {
                if (!isLong) {
                    code.i2l().loadConstant(0xFFFF_FFFFL).land();
                }
                boolean single = graph.type(v) == Type.F32;
                ClassDesc result = single ? ConstantDescs.CD_float : ConstantDescs.CD_double;
                code.invokestatic(NUMBERS, single ? "toF32U" : "toF64U", MethodTypeDesc.of(result, ConstantDescs.CD_long));
            }
            case REINTERPRET -> {
                if (graph.type(v) == Type.F32) {
                    Convert.intToFloat(code);
                } else if (graph.type(v) == Type.F64) {
                    Convert.longToDouble(code);
                }
            }
            default -> throw new AssertionError("BUG: unknown: " + op);
        }
    }

    private static void either(boolean isLong, Runnable longs, Runnable ints) {
        (isLong ? longs : ints).run();
    }

    private void extend(boolean isLong, Runnable narrow) {
        if (isLong) {
            code.l2i();
        }
        narrow.run();
        if (isLong) {
            code.i2l();
        }
    }

    private static ClassDesc integer(boolean isLong) {
        return isLong ? ConstantDescs.CD_long : ConstantDescs.CD_int;
    }

    private void box(boolean isLong, String method, ClassDesc second) {
        ClassDesc type = integer(isLong);
        code.invokestatic(
                isLong ? ConstantDescs.CD_Long : ConstantDescs.CD_Integer, method, MethodTypeDesc.of(type, type, second));
    }

    private void count(boolean isLong, String method) {
        code.invokestatic(
                isLong ? ConstantDescs.CD_Long : ConstantDescs.CD_Integer,
                method,
                MethodTypeDesc.of(ConstantDescs.CD_int, integer(isLong)));
        if (isLong) {
            code.i2l();
        }
    }

    private void multiply(String method) {
        ClassDesc type = ConstantDescs.CD_long;
        code.invokestatic(MATH, method, MethodTypeDesc.of(type, type, type));
    }

    private void divide(int v, boolean isLong, String method) {
        ClassDesc type = integer(isLong);
        out.at(v);
        code.invokestatic(NUMBERS, method, MethodTypeDesc.of(type, type, type));
    }

    private void convertSigned(boolean isLong, boolean isSingle) {
        if (isLong) {
            either(isSingle, code::l2f, code::l2d);
        } else {
            either(isSingle, code::i2f, code::i2d);
        }
    }

    private void floats(int v, Op op, Type type) {
        boolean isDouble = type == Type.F64;
        switch (op) {
            case FADD -> either(isDouble, code::dadd, code::fadd);
            case FSUB -> either(isDouble, code::dsub, code::fsub);
            case FMUL -> either(isDouble, code::dmul, code::fmul);
            case FDIV -> either(isDouble, code::ddiv, code::fdiv);
            case FMIN -> number(isDouble, "min", 2);
            case FMAX -> number(isDouble, "max", 2);
            case FCOPYSIGN -> number(isDouble, "copysign", 2);
            case FABS -> number(isDouble, "abs", 1);
            case FNEG -> number(isDouble, "neg", 1);
            case FSQRT -> {
                if (isDouble) {
                    code.invokestatic(MATH, "sqrt", MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double));
                } else {
                    number(false, "sqrt", 1);
                }
            }
            case FCEIL -> number(isDouble, "ceil", 1);
            case FFLOOR -> number(isDouble, "floor", 1);
            case FTRUNC -> number(isDouble, "trunc", 1);
            case FNEAREST -> number(isDouble, "nearest", 1);
            case DEMOTE -> code.d2f();
            case PROMOTE -> code.f2d();
            case TRUNC_S -> truncate(v, isDouble, "truncS");
            case TRUNC_U -> truncate(v, isDouble, "truncU");
            case TRUNC_SAT_U -> truncate(v, isDouble, "truncSatU");
            case TRUNC_SAT_S -> {
                if (graph.type(v) == Type.I32) {
                    either(isDouble, code::d2i, code::f2i);
                } else {
                    either(isDouble, code::d2l, code::f2l);
                }
            }
            case REINTERPRET -> {
                if (graph.type(v) == Type.I32) {
                    Convert.floatToInt(code);
                } else if (graph.type(v) == Type.I64) {
                    Convert.doubleToLong(code);
                }
            }
            default -> throw new AssertionError("BUG: unknown: " + op);
        }
    }

    private void number(boolean isDouble, String method, int operands) {
        ClassDesc type = isDouble ? ConstantDescs.CD_double : ConstantDescs.CD_float;
        code.invokestatic(
                NUMBERS, method, operands == 1 ? MethodTypeDesc.of(type, type) : MethodTypeDesc.of(type, type, type));
    }

    private void truncate(int v, boolean isDouble, String method) {
        if (!isDouble) {
            code.f2d();
        }
        boolean isLong = graph.type(v) == Type.I64;
        out.at(v);
        code.invokestatic(
                NUMBERS, method + (isLong ? "64" : "32"), MethodTypeDesc.of(integer(isLong), ConstantDescs.CD_double));
    }
}
