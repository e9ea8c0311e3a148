package org.sallyport.codegen.ir;

import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.codegen.ir.ModuleFacts.Signature;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;

/** Builds the instructions of a body that do not change control flow. Regular ones come from {@link Translation}. */
final class BuildInstructions {
    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final BuildRuntime runtime;
    private final BuildExceptions exceptions;
    private final FuelSections fuel;
    private final BuildVector vectors;
    private final BuildAtomics atomics;
    private final ObjectInstructions objects;

    BuildInstructions(
            ModuleFacts facts, CodeReader reader, Emitter out, BuildExceptions exceptions, FuelSections fuel) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.exceptions = exceptions;
        this.fuel = fuel;
        runtime = new BuildRuntime(facts, out, fuel);
        vectors = new BuildVector(facts, reader, out, runtime);
        atomics = new BuildAtomics(facts, reader, out, runtime);
        objects = facts.hasObjects()
                ? new BuildReferences(facts, reader, out, runtime, fuel)
                : new BuildObjects(facts, reader, out, runtime, fuel);
    }

    /** Appends the instruction just read; false if this compiler lacks it. */
    boolean add(Opcode opcode) {
        Translation row = Translation.of(opcode);
        if (row != null) {
            regular(row);
            return true;
        }
        return special(opcode) || runtime.add(opcode, reader) || vectors.add(opcode) || wide(opcode)
                || opcode.isAtomic() && atomics.add(opcode) || objects.add(opcode);
    }

    /** The proposal that an instruction refused by {@link #add} belongs to, as it is used here. */
    @Nullable Feature missing(Opcode opcode) {
        return opcode.feature();
    }

    /** Whether the reference on top passes the cast of the {@code br_on_cast} or {@code br_on_cast_fail} just read, i32. */
    int castTest() {
        return objects.castTest();
    }

    private void regular(Translation row) {
        switch (row.kind()) {
            case UNARY -> out.push(out.emit(row.op(), row.type(), out.pop()));
            case BINARY -> {
                int b = out.pop();
                out.push(out.emit(row.op(), row.type(), out.pop(), b));
            }
            case TEST -> {
                int a = out.pop();
                out.push(out.emit(Op.EQ, Type.I32, a, out.constant(out.graph().type(a), 0)));
            }
            case LOAD -> load(row);
            case STORE -> {
                int value = out.pop();
                int memory = reader.memory();
                int bytes = row.access().bytes();
                int address = runtime.address(memory, out.pop(), reader.memOffset(), bytes);
                out.emit(Op.STORE, Type.VOID, address, value, -1, runtime.remainingOffset(), aux(row.access(), memory));
            }
        }
    }

    private void load(Translation row) {
        int memory = reader.memory();
        int address = runtime.address(memory, out.pop(), reader.memOffset(), row.access().bytes());
        out.push(out.emit(Op.LOAD, row.type(), address, -1, -1, runtime.remainingOffset(), aux(row.access(), memory)));
    }

    private int aux(Access access, int memory) {
        return Graph.memoryAux(access, memory, facts.needsCheck(memory));
    }

    private boolean special(Opcode opcode) {
        switch (opcode) {
            case NOP -> {}
            case I32_CONST -> out.push(out.constant(Type.I32, reader.bits()));
            case I64_CONST -> out.push(out.constant(Type.I64, reader.bits()));
            case F32_CONST -> out.push(out.constant(Type.F32, reader.bits() & 0xFFFF_FFFFL));
            case F64_CONST -> out.push(out.constant(Type.F64, reader.bits()));
            case I64_EXTEND32_S -> out.push(out.emit(Op.EXTEND_S, Type.I64, out.emit(Op.WRAP, Type.I32, out.pop())));
            case DROP -> out.pop();
            case SELECT, SELECT_TYPED -> select();
            case THROW -> exceptions.raise(reader.index());
            case THROW_REF -> {
                int exception = out.pop();
                runtime.checkNotNull(exception, TrapCode.NULL_REFERENCE);
                exceptions.raiseAgain(exception);
            }
            default -> {
                return call(opcode);
            }
        }
        return true;
    }

    private void select() {
        int condition = out.pop();
        int no = out.pop();
        int yes = out.pop();
        out.push(out.emit(Op.SELECT, out.graph().type(yes), condition, yes, no, 0, 0));
    }

    // ---- calls ----

    /** Appends a call, or a tail call, which ends the block; false if it is none, or lacks something. */
    private boolean call(Opcode opcode) {
        switch (opcode) {
            case CALL, RETURN_CALL -> callFunction(reader.index(), opcode == Opcode.RETURN_CALL);
            case CALL_INDIRECT, RETURN_CALL_INDIRECT -> {
                int element = out.pop();
                int reference = runtime.indirectCallee(reader.index2(), element, reader.index());
                callReference(reference, facts.isClosedTable(reader.index2()), opcode == Opcode.RETURN_CALL_INDIRECT);
            }
            case CALL_REF, RETURN_CALL_REF -> {
                int reference = out.pop();
                runtime.checkNotNull(reference, TrapCode.NULL_FUNCTION_REFERENCE);
                callReference(reference, false, opcode == Opcode.RETURN_CALL_REF);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void callFunction(int function, boolean inPlace) {
        boolean isImport = function < facts.spaces().importedFuncs();
        Op op = inPlace
                ? isImport ? Op.RETURN_CALL_IMPORT : Op.RETURN_CALL
                : isImport ? Op.CALL_IMPORT : Op.CALL;
        Signature signature = facts.signatureOf(function);
        finishCall(newCall(op, signature, 0, function, 0), signature);
    }

    /** Calls a function of the type that the reader names. */
    private void callReference(int reference, boolean sameInstance, boolean inPlace) {
        Signature signature = facts.signature(reader.index());
        Op op = inPlace ? Op.RETURN_CALL_REF : Op.CALL_REF;
        int v = newCall(op, signature, 1, reader.index(), sameInstance ? Graph.SAME_INSTANCE : 0);
        out.graph().setOperand(v, 0, reference);
        finishCall(v, signature);
    }

    /** Makes a call with the arguments on the stack behind {@code extra} operands of its own. */
    private int newCall(Op op, Signature signature, int extra, long imm, int aux) {
        Type[] results = signature.results();
        int n = signature.params().length;
        Type type = results.length == 0 || op.isTerminator() ? Type.VOID : results[0];
        int v = out.graph().createList(op, type, extra + n, imm, aux);
        for (int i = 0; i < n; i++) {
            out.graph().setOperand(v, extra + i, out.peek(n, i));
        }
        out.setHeight(out.height() - n);
        return v;
    }

    private void finishCall(int call, Signature signature) {
        Type[] results = signature.results();
        out.graph().append(out.block(), call);
        if (out.graph().op(call).isTerminator()) {
            return;
        }
        fuel.beginSection();
        for (int i = 0; i < results.length; i++) {
            out.push(i == 0 ? call : out.emit(Op.RESULT, results[i], call, -1, -1, i, 0));
        }
        exceptions.called();
    }

    // ---- wide arithmetic ----

    private boolean wide(Opcode opcode) {
        switch (opcode) {
            case I64_ADD128, I64_SUB128 -> wideSum(opcode == Opcode.I64_ADD128);
            case I64_MUL_WIDE_S -> wideProduct(Op.MULHI_S);
            case I64_MUL_WIDE_U -> wideProduct(Op.MULHI_U);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void wideSum(boolean isAdd) {
        int highB = out.pop();
        int lowB = out.pop();
        int highA = out.pop();
        int lowA = out.pop();
        Op op = isAdd ? Op.ADD : Op.SUB;
        int low = out.emit(op, Type.I64, lowA, lowB);
        int carry = isAdd ? out.emit(Op.LT_U, Type.I32, low, lowB) : out.emit(Op.LT_U, Type.I32, lowA, lowB);
        int high = out.emit(op, Type.I64, highA, highB);
        out.push(low);
        out.push(out.emit(op, Type.I64, high, out.emit(Op.EXTEND_U, Type.I64, carry)));
    }

    private void wideProduct(Op highHalf) {
        int b = out.pop();
        int a = out.pop();
        out.push(out.emit(Op.MUL, Type.I64, a, b));
        out.push(out.emit(highHalf, Type.I64, a, b));
    }
}
