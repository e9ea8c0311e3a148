package org.sallyport.codegen.ir;

import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/**
 * Builds atomic instructions (threads proposal). The address must be a multiple of the access's size, offset included, which
 * is asked before whether it is inside. Waiting and waking are the runtime's affair.
 */
final class BuildAtomics {
    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final BuildRuntime runtime;

    BuildAtomics(ModuleFacts facts, CodeReader reader, Emitter out, BuildRuntime runtime) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.runtime = runtime;
    }

    /** Appends the instruction just read; false if it is none of these. */
    boolean add(Opcode opcode) {
        switch (opcode) {
            case ATOMIC_FENCE -> out.emit(Op.ATOMIC_FENCE, Type.VOID);
            case MEMORY_ATOMIC_NOTIFY -> call(Builtin.MEMORY_NOTIFY, out.pop(), -1);
            case MEMORY_ATOMIC_WAIT32, MEMORY_ATOMIC_WAIT64 -> {
                int timeout = out.pop();
                int expected = out.pop();
                call(opcode == Opcode.MEMORY_ATOMIC_WAIT32 ? Builtin.MEMORY_WAIT32 : Builtin.MEMORY_WAIT64, expected, timeout);
            }
            default -> {
                return opcode.effect() instanceof Effect.Access access && access(opcode, access);
            }
        }
        return true;
    }

    private boolean access(Opcode opcode, Effect.Access effect) {
        boolean isLoad = effect.operands().length == 0;
        ValType value = isLoad ? effect.pushes()[0] : effect.operands()[0];
        Op op = isLoad ? Op.ATOMIC_LOAD : effect.pushes().length == 0 ? Op.ATOMIC_STORE : modification(opcode);
        if (op == null) {
            return false;
        }
        Type type = Translation.type(value);
        int c = op == Op.ATOMIC_CMPXCHG ? out.pop() : -1;
        int b = isLoad ? -1 : out.pop();
        if (isDifference(opcode)) {
            b = out.emit(Op.SUB, type, out.constant(type, 0), b);
        }
        int memory = reader.memory();
        int operand = out.pop();
        checkAligned(memory, operand, effect.bytes());
        int address = runtime.address(memory, operand, reader.memOffset(), effect.bytes());
        int aux = Graph.memoryAux(accessOf(effect.bytes()), memory, facts.needsCheck(memory));
        Type result = op == Op.ATOMIC_STORE ? Type.VOID : type;
        int v = out.emit(op, result, address, b, c, runtime.remainingOffset(), aux);
        if (result != Type.VOID) {
            out.push(v);
        }
        return true;
    }

    /** What is done to the value in memory; a difference is the sum with the negated operand. */
    private static @Nullable Op modification(Opcode opcode) {
        return switch (opcode) {
            case I32_ATOMIC_RMW16_ADD_U, I32_ATOMIC_RMW8_ADD_U, I32_ATOMIC_RMW_ADD, I64_ATOMIC_RMW16_ADD_U,
                    I64_ATOMIC_RMW32_ADD_U, I64_ATOMIC_RMW8_ADD_U, I64_ATOMIC_RMW_ADD -> Op.ATOMIC_ADD;
            case I32_ATOMIC_RMW16_SUB_U, I32_ATOMIC_RMW8_SUB_U, I32_ATOMIC_RMW_SUB, I64_ATOMIC_RMW16_SUB_U,
                    I64_ATOMIC_RMW32_SUB_U, I64_ATOMIC_RMW8_SUB_U, I64_ATOMIC_RMW_SUB -> Op.ATOMIC_ADD;
            case I32_ATOMIC_RMW16_AND_U, I32_ATOMIC_RMW8_AND_U, I32_ATOMIC_RMW_AND, I64_ATOMIC_RMW16_AND_U,
                    I64_ATOMIC_RMW32_AND_U, I64_ATOMIC_RMW8_AND_U, I64_ATOMIC_RMW_AND -> Op.ATOMIC_AND;
            case I32_ATOMIC_RMW16_OR_U, I32_ATOMIC_RMW8_OR_U, I32_ATOMIC_RMW_OR, I64_ATOMIC_RMW16_OR_U,
                    I64_ATOMIC_RMW32_OR_U, I64_ATOMIC_RMW8_OR_U, I64_ATOMIC_RMW_OR -> Op.ATOMIC_OR;
            case I32_ATOMIC_RMW16_XOR_U, I32_ATOMIC_RMW8_XOR_U, I32_ATOMIC_RMW_XOR, I64_ATOMIC_RMW16_XOR_U,
                    I64_ATOMIC_RMW32_XOR_U, I64_ATOMIC_RMW8_XOR_U, I64_ATOMIC_RMW_XOR -> Op.ATOMIC_XOR;
            case I32_ATOMIC_RMW16_XCHG_U, I32_ATOMIC_RMW8_XCHG_U, I32_ATOMIC_RMW_XCHG, I64_ATOMIC_RMW16_XCHG_U,
                    I64_ATOMIC_RMW32_XCHG_U, I64_ATOMIC_RMW8_XCHG_U, I64_ATOMIC_RMW_XCHG -> Op.ATOMIC_XCHG;
            case I32_ATOMIC_RMW16_CMPXCHG_U, I32_ATOMIC_RMW8_CMPXCHG_U, I32_ATOMIC_RMW_CMPXCHG, I64_ATOMIC_RMW16_CMPXCHG_U,
                    I64_ATOMIC_RMW32_CMPXCHG_U, I64_ATOMIC_RMW8_CMPXCHG_U, I64_ATOMIC_RMW_CMPXCHG -> Op.ATOMIC_CMPXCHG;
            default -> null;
        };
    }

    private static boolean isDifference(Opcode opcode) {
        return switch (opcode) {
            case I32_ATOMIC_RMW16_SUB_U, I32_ATOMIC_RMW8_SUB_U, I32_ATOMIC_RMW_SUB, I64_ATOMIC_RMW16_SUB_U,
                    I64_ATOMIC_RMW32_SUB_U, I64_ATOMIC_RMW8_SUB_U, I64_ATOMIC_RMW_SUB -> true;
            default -> false;
        };
    }

    private static Access accessOf(int bytes) {
        return switch (bytes) {
            case 1 -> Access.U8;
            case 2 -> Access.U16;
            case 4 -> Access.U32;
            default -> Access.W64;
        };
    }

    private void checkAligned(int memory, int operand, int bytes) {
        if (bytes == 1) {
            return;
        }
        Type type = facts.isMemory64(memory) ? Type.I64 : Type.I32;
        long low = reader.memOffset() & bytes - 1;
        int address = low == 0 ? operand : out.emit(Op.ADD, type, operand, out.constant(type, low));
        int rest = out.emit(Op.AND, type, address, out.constant(type, bytes - 1));
        out.trapUnless(out.emit(Op.EQ, Type.I32, rest, out.constant(type, 0)), TrapCode.UNALIGNED_ATOMIC);
    }

    /** @param timeout -1 for notify, which has none */
    private void call(Builtin builtin, int value, int timeout) {
        int memory = reader.memory();
        int operand = out.pop();
        int index = facts.isMemory64(memory) ? operand : out.emit(Op.EXTEND_U, Type.I64, operand);
        int offset = out.i64(reader.memOffset());
        int number = out.i32(memory);
        int[] arguments = timeout < 0
                ? new int[] {number, index, offset, value}
                : new int[] {number, index, offset, value, timeout};
        int v = out.list(Op.CALL_BUILTIN, Type.I64, builtin.ordinal(), 0, arguments);
        out.push(out.emit(Op.WRAP, Type.I32, v));
    }
}
