package org.sallyport.codegen.ir;

import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;

/**
 * Builds what belongs to instances: globals, tables, references, memory management, and the addresses of memory accesses.
 * Checks and arithmetic are taken apart; where and how things are kept is left to the back end ({@link LowerRuntime}).
 */
final class BuildRuntime {
    private final ModuleFacts facts;
    private final Emitter out;
    private final FuelSections fuel;
    private long remainingOffset;

    BuildRuntime(ModuleFacts facts, Emitter out, FuelSections fuel) {
        this.facts = facts;
        this.out = out;
        this.fuel = fuel;
    }

    /** Appends the instruction; false if it is none of these. */
    boolean add(Opcode opcode, CodeReader reader) {
        switch (opcode) {
            case GLOBAL_GET -> out.push(globalGet(reader.index()));
            case GLOBAL_SET -> globalSet(reader.index());
            case MEMORY_SIZE -> out.push(memorySize(reader.index()));
            case MEMORY_GROW -> memoryGrow(reader.index());
            case MEMORY_COPY -> memoryCopy(reader.index(), reader.index2());
            case MEMORY_FILL -> memoryFill(reader.index());
            case MEMORY_INIT -> memoryInit(reader.index(), reader.index2());
            case DATA_DROP -> callBuiltin(Builtin.DATA_DROP, out.i32(reader.index()));
            default -> {
                return table(opcode, reader) || reference(opcode, reader);
            }
        }
        return true;
    }

    private boolean table(Opcode opcode, CodeReader reader) {
        switch (opcode) {
            case TABLE_GET -> tableGet(reader.index());
            case TABLE_SET -> tableSet(reader.index());
            case TABLE_SIZE -> out.push(narrow(tableLength64(reader.index()), facts.isTable64(reader.index())));
            case TABLE_GROW -> tableGrow(reader.index());
            case TABLE_FILL -> tableFill(reader.index());
            case TABLE_COPY -> tableCopy(reader.index(), reader.index2());
            case TABLE_INIT -> tableInit(reader.index(), reader.index2());
            case ELEM_DROP -> callBuiltin(Builtin.ELEM_DROP, out.i32(reader.index()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean reference(Opcode opcode, CodeReader reader) {
        switch (opcode) {
            case REF_NULL -> out.push(out.constant(facts.type(reader.refType()), 0));
            case REF_IS_NULL -> out.push(out.isNull(out.pop()));
            case REF_FUNC -> out.push(out.emit(Op.REF_FUNC, Translation.type(RefType.FUNCREF), -1, -1, -1, reader.index(), 0));
            case REF_AS_NON_NULL -> checkNotNull(out.top(), TrapCode.NULL_REFERENCE);
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- globals ----

    private int globalGet(int global) {
        Type type = facts.type(facts.global(global).type());
        Long known = facts.constantGlobal(global);
        if (known != null) {
            return out.constant(type, known);
        }
        return out.emit(Op.GLOBAL_GET, type, -1, -1, -1, global, 0);
    }

    private void globalSet(int global) {
        out.emit(Op.GLOBAL_SET, Type.VOID, out.pop(), -1, -1, global, 0);
    }

    // ---- memory ----

    /**
     * The one place that makes addresses of linear memory safe. Where guard pages do the work (docs/abi.md), the
     * address is the
     * operand itself. Otherwise it is compared with the memory's length, in 64 bits and without overflow, and masked
     * against
     * speculation. The access uses the result with {@link #remainingOffset}.
     */
    int address(int memory, int operand, long offset, int bytes) {
        remainingOffset = offset;
        if (!facts.needsCheck(memory)) {
            return operand;
        }
        boolean is64 = facts.isMemory64(memory);
        long end = offset + bytes;
        if (Long.compareUnsigned(end, bytes) < 0 || is64 && end < 0) {
            return alwaysOutside();
        }
        int length = memoryLength(memory);
        int index = is64 ? operand : out.emit(Op.EXTEND_U, Type.I64, operand);
        if (end <= facts.memoryMinBytes(memory)) { // length - end cannot be negative, and 0 + offset is inside
            int limit = out.emit(Op.SUB, Type.I64, length, out.i64(end));
            int inside = out.emit(Op.LE_U, Type.I32, index, limit);
            out.trapUnless(inside, TrapCode.MEMORY_OUT_OF_BOUNDS);
            return out.emit(Op.GUARD, Type.I64, inside, index);
        }
        int inside = out.emit(Op.LE_U, Type.I32, out.emit(Op.ADD, Type.I64, index, out.i64(end)), length);
        if (is64) { // index + end may overflow
            int fits = out.emit(Op.LE_U, Type.I32, index, out.i64(-1 - end));
            inside = out.emit(Op.AND, Type.I32, inside, fits);
        }
        out.trapUnless(inside, TrapCode.MEMORY_OUT_OF_BOUNDS);
        remainingOffset = 0;
        return out.emit(Op.GUARD, Type.I64, inside, out.emit(Op.ADD, Type.I64, index, out.i64(offset)));
    }

    /** What is left to add to the result of {@link #address}. */
    long remainingOffset() {
        return remainingOffset;
    }

    private int alwaysOutside() {
        out.trapUnless(out.i32(0), TrapCode.MEMORY_OUT_OF_BOUNDS);
        remainingOffset = 0;
        return out.i64(0);
    }

    /** Current length in bytes, i64. */
    private int memoryLength(int memory) {
        return out.emit(Op.MEMORY_LENGTH, Type.I64, -1, -1, -1, memory, 0);
    }

    private int memorySize(int memory) {
        int log2 = facts.spaces().memory(memory).pageSizeLog2();
        int pages = out.emit(Op.SHR_U, Type.I64, memoryLength(memory), out.i64(log2));
        return narrow(pages, facts.isMemory64(memory));
    }

    private void memoryGrow(int memory) {
        boolean is64 = facts.isMemory64(memory);
        int pages = widen(out.pop(), is64);
        out.push(narrow(callBuiltin(Builtin.MEMORY_GROW, out.i32(memory), pages), is64));
    }

    private void memoryCopy(int destination, int source) {
        boolean destination64 = facts.isMemory64(destination);
        boolean source64 = facts.isMemory64(source);
        int length = widen(out.pop(), destination64 && source64);
        int from = widen(out.pop(), source64);
        int to = widen(out.pop(), destination64);
        fuel.chargeBytes(length);
        callHelper(Helper.MEMORY_COPY, destination | source << 16, to, from, length);
    }

    private void memoryFill(int memory) {
        boolean is64 = facts.isMemory64(memory);
        int length = widen(out.pop(), is64);
        int value = out.pop();
        int to = widen(out.pop(), is64);
        fuel.chargeBytes(length);
        callHelper(Helper.MEMORY_FILL, memory, to, value, length);
    }

    private void memoryInit(int segment, int memory) {
        int length = out.pop();
        int from = out.pop();
        int to = widen(out.pop(), facts.isMemory64(memory));
        fuel.chargeBytes(widen(length, false));
        callBuiltin(Builtin.MEMORY_INIT, out.i32(memory), out.i32(segment), to, from, length);
    }

    // ---- tables ----

    private int tableLength64(int table) {
        return facts.isFixedTable(table)
                ? out.i64(facts.tableMin(table))
                : out.emit(Op.TABLE_LENGTH, Type.I64, -1, -1, -1, table, 0);
    }

    /** The length in the table's address type. */
    private int tableLength(int table) {
        if (facts.isTable64(table)) {
            return tableLength64(table);
        }
        return facts.isFixedTable(table)
                ? out.i32((int) facts.tableMin(table))
                : out.emit(Op.TABLE_LENGTH, Type.I32, -1, -1, -1, table, 0);
    }

    /** The index of an element, after a bounds check that also holds under speculation. */
    private int element(int table, int index, TrapCode code) {
        int inside = out.emit(Op.LT_U, Type.I32, index, tableLength(table));
        out.trapUnless(inside, code);
        return out.emit(Op.GUARD, facts.isTable64(table) ? Type.I64 : Type.I32, inside, index);
    }

    private int loadElement(int table, int index, TrapCode code) {
        Type type = facts.type(facts.spaces().table(table).element());
        return out.emit(Op.TABLE_GET, type, element(table, index, code), -1, -1, table, 0);
    }

    private void tableGet(int table) {
        out.push(loadElement(table, out.pop(), TrapCode.TABLE_OUT_OF_BOUNDS));
    }

    private void tableSet(int table) {
        int value = out.pop();
        int index = element(table, out.pop(), TrapCode.TABLE_OUT_OF_BOUNDS);
        out.emit(Op.TABLE_SET, Type.VOID, index, value, -1, table, 0);
    }

    private void tableGrow(int table) {
        boolean is64 = facts.isTable64(table);
        int count = widen(out.pop(), is64);
        int initial = out.pop();
        fuel.chargeElements(count);
        out.push(narrow(callBuiltin(Builtin.TABLE_GROW, out.i32(table), count, initial), is64));
    }

    private void tableFill(int table) {
        boolean is64 = facts.isTable64(table);
        int length = widen(out.pop(), is64);
        int value = out.pop();
        int start = widen(out.pop(), is64);
        fuel.chargeElements(length);
        callBuiltin(Builtin.TABLE_FILL, out.i32(table), start, value, length);
    }

    private void tableCopy(int destination, int source) {
        boolean destination64 = facts.isTable64(destination);
        boolean source64 = facts.isTable64(source);
        int length = widen(out.pop(), destination64 && source64);
        int from = widen(out.pop(), source64);
        int to = widen(out.pop(), destination64);
        fuel.chargeElements(length);
        callBuiltin(Builtin.TABLE_COPY, out.i32(destination), out.i32(source), to, from, length);
    }

    private void tableInit(int segment, int table) {
        int length = out.pop();
        int from = out.pop();
        int to = widen(out.pop(), facts.isTable64(table));
        fuel.chargeElements(widen(length, false));
        callBuiltin(Builtin.TABLE_INIT, out.i32(table), out.i32(segment), to, from, length);
    }

    // ---- references and calls by them ----

    void checkNotNull(int reference, TrapCode code) {
        int there = out.emit(Op.NE, Type.I32, reference, out.nullLike(reference));
        out.trapUnless(there, code);
    }

    /** The function reference that an indirect call goes to: in bounds, not null, of the right type. */
    int indirectCallee(int table, int index, int typeIndex) {
        int reference = loadElement(table, index, TrapCode.UNDEFINED_ELEMENT);
        checkNotNull(reference, TrapCode.UNINITIALIZED_ELEMENT);
        out.trapUnless(isFunction(reference, typeIndex), TrapCode.INDIRECT_CALL_TYPE_MISMATCH);
        return reference;
    }

    /** Whether the function, which is not null, is of the type or a subtype, i32. */
    int isFunction(int reference, int typeIndex) {
        int found = facts.isFinalType(typeIndex)
                ? out.emit(Op.FUNC_TYPE, Type.I32, reference)
                : out.emit(Op.FUNC_ANCESTOR, Type.I32, reference, -1, -1, facts.depth(typeIndex), 0);
        return out.emit(Op.EQ, Type.I32, found, typeNumber(typeIndex));
    }

    int typeNumber(int typeIndex) {
        return out.emit(Op.TYPE_NUMBER, Type.I32, -1, -1, -1, typeIndex, 0);
    }

    // ---- helpers ----

    private int widen(int v, boolean is64) {
        return is64 ? v : out.emit(Op.EXTEND_U, Type.I64, v);
    }

    private int narrow(int v, boolean is64) {
        return is64 ? v : out.emit(Op.WRAP, Type.I32, v);
    }

    int callBuiltin(Builtin builtin, int... arguments) {
        Type type = builtin.type().results().isEmpty() ? Type.VOID : Type.I64;
        return out.list(Op.CALL_BUILTIN, type, builtin.ordinal(), 0, arguments);
    }

    private void callHelper(Helper helper, int memories, int... arguments) {
        out.list(Op.CALL_HELPER, Type.VOID, helper.ordinal(), memories, arguments);
    }
}
