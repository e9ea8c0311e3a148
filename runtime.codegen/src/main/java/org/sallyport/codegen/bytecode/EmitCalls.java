package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.Builtin;

/** Calls: of the module's own functions by the JVM's, of others by the handle that a reference or import stands for. */
final class EmitCalls {
    private static final ClassDesc LONG = ConstantDescs.CD_long;
    private static final ClassDesc INT = ConstantDescs.CD_int;
    private static final int BUILTIN_ARGUMENTS = 5;

    private final EmitFunction out;
    private final EmitMemory memory;
    private final EmitExceptions exceptions;
    private final Graph graph;
    private final CodeBuilder code;
    private final int imported;

    /** Of the call that has been made last: where its context and, of a wide one, its slots are. */
    private int callee;

    private int slots;
    private Shape called;

    EmitCalls(EmitFunction out, EmitMemory memory, EmitExceptions exceptions) {
        this.out = out;
        this.memory = memory;
        this.exceptions = exceptions;
        graph = out.graph;
        code = out.code;
        imported = out.module.facts().valid().spaces().importedFuncs();
        called = out.shape;
    }

    void call(int v) {
        int index = (int) graph.imm(v);
        slots = out.scratch;
        callee = out.context;
        switch (graph.op(v)) {
            case CALL -> {
                direct(v, index);
                firstResult();
            }
            case CALL_IMPORT -> {
                code.aload(out.context).loadConstant(index);
                code.invokevirtual(Shape.CONTEXT, "imported", MethodTypeDesc.of(EmitTails.TARGET, INT));
                target(v, 0, out.module.shapeOf(index));
            }
            case CALL_REF -> {
                pushTarget(graph.operand(v, 0), v);
                target(v, 1, out.module.shapeOfType(index));
            }
            default -> {
                if (!exceptions.builtin(v, Builtin.values()[index])) {
                    builtin(v, Builtin.values()[index]);
                }
                return;
            }
        }
        memory.mayGrow();
    }

    private void pushTarget(int reference, int v) {
        code.aload(out.context);
        out.push(reference);
        out.at(v);
        code.invokevirtual(Shape.CONTEXT, "target", MethodTypeDesc.of(EmitTails.TARGET, LONG));
    }

    private void direct(int v, int function) {
        called = out.module.shapeOf(function);
        arguments(v, 0);
        code.aload(out.context);
        out.at(v);
        code.invokestatic(
                out.module.classOf(function - imported), ModuleCode.methodName(function - imported), called.descriptor);
    }

    /** Calls the target that is on the stack. */
    private void target(int v, int first, Shape shape) {
        called = shape;
        callee = out.scratch + 1;
        code.dup().getfield(EmitTails.TARGET, "context", Shape.CONTEXT).astore(callee);
        code.getfield(EmitTails.TARGET, "code", ConstantDescs.CD_MethodHandle);
        arguments(v, first);
        code.aload(callee);
        out.at(v);
        code.invokevirtual(ConstantDescs.CD_MethodHandle, "invokeExact", called.descriptor);
        firstResult();
    }

    private void arguments(int v, int first) {
        if (!called.isWide) {
            out.pushOperands(v, first);
            return;
        }
        pack(v, first, called.slots(), slots);
        code.aload(slots);
    }

    /** Puts operands into a new list of slots. */
    private void pack(int v, int first, int length, int to) {
        code.loadConstant(length).newarray(TypeKind.LONG).astore(to);
        for (int i = graph.operandCount(v) - 1; i >= first; i--) {
            out.push(graph.operand(v, i));
            Words.write(code, graph.type(graph.operand(v, i)), to, 2 * (i - first), out.scratch + 2, out.context);
        }
    }

    /** Of a wide call, and the upper half of a vector: all else is on the stack. */
    private void firstResult() {
        if (called.results.length == 0) {
            return;
        }
        if (called.isWide) {
            Words.read(code, called.results[0], slots, 0, out.context);
        } else if (called.results[0] == Type.V128) {
            pushResultWord(1);
        }
    }

    private void pushResultWord(int word) {
        code.aload(callee).getfield(Shape.CONTEXT, "results", Shape.LONGS).loadConstant(word).laload();
    }

    /** Behind a call whose first result has been stored. */
    void storeResults(int v) {
        int i = 0;
        for (int r = graph.next(v); graph.op(r) == Op.RESULT && graph.a(r) == v; r = graph.next(r)) {
            i++;
            if (out.plan.isKept(r)) {
                pushResult(r, i);
                out.store(r);
            } else if (graph.type(r) == Type.REF) { // what is passed must be taken
                pushResult(r, i);
                code.pop();
            }
        }
    }

    private void pushResult(int r, int i) {
        if (called.isWide) {
            Words.read(code, graph.type(r), slots, 2 * i, out.context);
            return;
        }
        int word = called.wordOf(i);
        pushResultWord(word);
        Convert.fromLong(code, graph.type(r), out.context);
        if (graph.type(r) == Type.V128) {
            pushResultWord(word + 1);
        }
    }

    // ---- tail calls

    void tail(int v) {
        int index = (int) graph.imm(v);
        boolean isDirect = graph.op(v) == Op.RETURN_CALL;
        if (isDirect && index == graph.function() && !out.shape.isWide && !out.isPart()) {
            out.restart(v);
            return;
        }
        slots = out.scratch;
        callee = out.context;
        if (isDirect && !out.module.tailCalls(index - imported)) {
            callAndReturn(v, index);
            return;
        }
        int first = graph.op(v) == Op.RETURN_CALL_REF ? 1 : 0;
        int found = out.scratch + 1;
        switch (graph.op(v)) {
            case RETURN_CALL_REF -> pushTarget(graph.operand(v, 0), v);
            case RETURN_CALL -> {
                code.aload(out.context).loadConstant(index - imported);
                code.invokevirtual(Shape.CONTEXT, "own", MethodTypeDesc.of(EmitTails.TARGET, INT));
            }
            default -> {
                code.aload(out.context).loadConstant(index);
                code.invokevirtual(Shape.CONTEXT, "imported", MethodTypeDesc.of(EmitTails.TARGET, INT));
            }
        }
        code.astore(found);
        pack(v, first, 2 * Math.max(graph.operandCount(v) - first, graph.resultCount()), slots);
        code.aload(out.context).aload(slots).putfield(Shape.CONTEXT, "tailSlots", Shape.LONGS);
        code.aload(out.context).aload(found).putfield(Shape.CONTEXT, "tail", EmitTails.TARGET);
        returnNothing();
    }

    /** One that makes no tail calls itself comes back: a frame more is enough. */
    private void callAndReturn(int v, int function) {
        direct(v, function);
        if (out.shape.isWide || out.isPart()) {
            resultsElsewhere();
        } else if (called.isWide) {
            ShapeCode.returnResults(code, out.shape, slots, out.context);
        } else {
            code.return_(out.shape.resultKind());
        }
    }

    /** Puts what the call has returned where a wide function or a part leaves it. */
    private void resultsElsewhere() {
        int free = out.scratch + 2;
        int to = out.isPart() ? Variables.FRAME : Variables.SLOTS;
        int list = slots;
        Type[] results = called.results;
        if (!called.isWide && results.length > 0) {
            if (results[0] == Type.V128) {
                pushResultWord(1);
            }
            Words.write(code, results[0], to, 0, free, out.context);
            list = free;
            code.aload(callee).getfield(Shape.CONTEXT, "results", Shape.LONGS).astore(list);
        }
        for (int i = called.isWide ? 0 : 1; i < results.length; i++) {
            int word = called.wordOf(i);
            Words.copy(code, results[i], list, called.isWide ? 2 * i : word, to, out.isPart() ? word : 2 * i);
        }
        out.endEarly();
    }

    private void returnNothing() {
        if (out.isPart() || out.shape.isWide || out.shape.results.length == 0) {
            out.endEarly();
            return;
        }
        switch (out.shape.resultWords.getFirst()) {
            case I32 -> code.iconst_0().ireturn();
            case I64 -> code.lconst_0().lreturn();
            case REF -> code.aconst_null().areturn();
            case F32 -> code.fconst_0().freturn();
            case F64 -> code.dconst_0().dreturn();
            case V128, VOID -> throw new AssertionError("BUG: a result of type " + out.shape.results[0]);
        }
    }

    // ---- builtins

    private void builtin(int v, Builtin builtin) {
        code.aload(out.context).loadConstant(builtin.ordinal());
        for (int i = 0; i < BUILTIN_ARGUMENTS; i++) {
            if (i < graph.operandCount(v)) {
                out.push(graph.operand(v, i));
                Convert.toLong(code, graph.type(graph.operand(v, i)), out.context);
            } else {
                code.lconst_0();
            }
        }
        out.at(v);
        code.invokevirtual(
                Shape.CONTEXT, "builtin", MethodTypeDesc.of(LONG, INT, LONG, LONG, LONG, LONG, LONG));
        if (graph.type(v) == Type.VOID) {
            code.pop2();
        } else {
            Convert.fromLong(code, graph.type(v), out.context);
        }
        if (builtin == Builtin.MEMORY_GROW) {
            memory.mayGrow();
        }
    }
}
