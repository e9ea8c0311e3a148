package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.Raised;

/**
 * Exceptions of guests are exceptions of Java, and nothing else is caught. The instruction that calls is in a range of the
 * exception table, whose handler notes in the context what has arrived and goes to the call's landing.
 */
final class EmitExceptions {
    private static final ClassDesc RAISED = Shape.desc(Raised.class);
    private static final ClassDesc LONG = ConstantDescs.CD_long;
    private static final ClassDesc OBJECTS = ConstantDescs.CD_Object.arrayType();

    private final EmitFunction out;
    private final EmitMemory memory;
    private final Graph graph;
    private final CodeBuilder code;
    /** By the landing where they go on. */
    private final Map<Integer, Label> handlers = new LinkedHashMap<>();

    EmitExceptions(EmitFunction out, EmitMemory memory) {
        this.out = out;
        this.memory = memory;
        graph = out.graph;
        code = out.code;
    }

    /** The call whose outcome ends the block that ends with {@code last}; -1 if it ends otherwise. */
    int callBefore(int last) {
        if (graph.op(last) != Op.OUTCOME) {
            return -1;
        }
        int before = graph.previous(last);
        return graph.op(before) == Op.RESULT ? graph.a(before) : before;
    }

    /** What is emitted goes on at the landing if it throws. */
    void protect(int landing, Runnable emit) {
        Label start = code.newBoundLabel();
        emit.run();
        Label end = code.newBoundLabel();
        code.exceptionCatch(start, end, handlers.computeIfAbsent(landing, _ -> code.newLabel()), RAISED);
    }

    /** Behind all blocks. */
    void handlers(Label[] labels) {
        handlers.forEach((landing, handler) -> {
            code.labelBinding(handler);
            code.aload(out.context).swap().putfield(Shape.CONTEXT, "arrived", RAISED);
            memory.arrive();
            code.goto_(labels[landing]);
        });
    }

    /** Whether control never comes behind the instruction. */
    boolean isEnd(int v) {
        return graph.op(v) == Op.CALL_BUILTIN && isEnd(Builtin.values()[(int) graph.imm(v)]);
    }

    private static boolean isEnd(Builtin builtin) {
        return builtin == Builtin.THROW || builtin == Builtin.THROW_REF || builtin == Builtin.RETHROW;
    }

    /** Emits the builtin; false if it is none of these. */
    boolean builtin(int v, Builtin builtin) {
        switch (builtin) {
            case THROW -> {
                code.aload(out.context).loadConstant((int) graph.imm(graph.operand(v, 0)));
                out.at(v);
                code.invokevirtual(Shape.CONTEXT, "raise", MethodTypeDesc.of(RAISED, ConstantDescs.CD_int)).athrow();
            }
            case THROW_REF -> {
                out.push(graph.operand(v, 0));
                out.at(v);
                code.checkcast(RAISED).athrow();
            }
            case RETHROW -> {
                out.at(v);
                pushArrived();
                code.athrow();
            }
            case CAUGHT -> {
                code.aload(out.context);
                out.at(v);
                code.invokevirtual(Shape.CONTEXT, "caught", MethodTypeDesc.of(RAISED));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void pushArrived() {
        code.aload(out.context).getfield(Shape.CONTEXT, "arrived", RAISED);
    }

    void tagNumber(int v) {
        code.aload(out.context).getfield(Shape.CONTEXT, "tags", Shape.LONGS).loadConstant((int) graph.imm(v)).laload();
    }

    void tag() {
        pushArrived();
        code.getfield(RAISED, "tag", LONG);
    }

    void get(int v) {
        pushArrived();
        int index = (int) graph.imm(v);
        if (graph.type(v) == Type.REF) {
            code.getfield(RAISED, "objects", OBJECTS).loadConstant(index).aaload();
        } else {
            code.getfield(RAISED, "words", Shape.LONGS).loadConstant(2 * index).laload();
            Convert.fromLong(code, graph.type(v), out.context);
            if (graph.type(v) == Type.V128) {
                pushArrived();
                code.getfield(RAISED, "words", Shape.LONGS).loadConstant(2 * index + 1).laload();
            }
        }
    }

    void set(int v) {
        int value = graph.a(v);
        int index = (int) graph.imm(v);
        code.aload(out.context);
        if (graph.type(value) == Type.REF) {
            code.getfield(Shape.CONTEXT, "raisedObjects", OBJECTS).loadConstant(index);
            out.push(value);
            code.aastore();
        } else {
            code.getfield(Shape.CONTEXT, "raisedWords", Shape.LONGS).astore(out.scratch);
            out.push(value);
            Words.write(code, graph.type(value), out.scratch, 2 * index, out.scratch + 1, out.context);
        }
    }
}
