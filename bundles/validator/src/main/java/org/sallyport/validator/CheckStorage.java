package org.sallyport.validator;

import static org.sallyport.validator.Problem.TYPE_MISMATCH;

import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;

/** Tables and memories as a whole (WebAssembly 3.0, 3.4.12 and 3.4.13); single loads and stores are regular. */
final class CheckStorage {
    private final Scope scope;
    private final Context context;
    private final Types types;
    private final Operands operands;
    private final CodeReader code;

    CheckStorage(Scope scope) {
        this.scope = scope;
        context = scope.context;
        types = scope.types;
        operands = scope.operands;
        code = scope.code;
    }

    /** Returns false for instructions of other families. */
    boolean check(Opcode op) {
        switch (op) {
            case MEMORY_SIZE -> operands.push(memory(code.index()));
            case MEMORY_GROW -> {
                int address = memory(code.index());
                operands.pop(address);
                operands.push(address);
            }
            case MEMORY_FILL -> {
                int address = memory(code.index());
                pop3(address, Types.I32, address);
            }
            case MEMORY_COPY -> {
                int to = memory(code.index());
                int from = memory(code.index2());
                pop3(to, from, shorter(to, from));
            }
            case MEMORY_INIT -> {
                int address = memory(code.index2());
                scope.data(code.index());
                pop3(address, Types.I32, Types.I32);
            }
            default -> {
                return table(op);
            }
        }
        return true;
    }

    private boolean table(Opcode op) {
        switch (op) {
            case TABLE_GET -> {
                int element = context.table(code.index());
                operands.pop(context.tableAddress(code.index()));
                operands.push(element);
            }
            case TABLE_SET -> {
                int element = context.table(code.index());
                operands.pop(element);
                operands.pop(context.tableAddress(code.index()));
            }
            case TABLE_SIZE -> {
                context.table(code.index());
                operands.push(context.tableAddress(code.index()));
            }
            case TABLE_GROW -> {
                int element = context.table(code.index());
                int address = context.tableAddress(code.index());
                operands.pop(address);
                operands.pop(element);
                operands.push(address);
            }
            case TABLE_FILL -> {
                int element = context.table(code.index());
                int address = context.tableAddress(code.index());
                pop3(address, element, address);
            }
            case TABLE_COPY -> tableCopy();
            case TABLE_INIT -> tableInit();
            default -> {
                return false;
            }
        }
        return true;
    }

    private void tableCopy() {
        matches(context.table(code.index2()), context.table(code.index()));
        int to = context.tableAddress(code.index());
        int from = context.tableAddress(code.index2());
        pop3(to, from, shorter(to, from));
    }

    private void tableInit() {
        int element = context.table(code.index2());
        matches(context.element(code.index()), element);
        pop3(context.tableAddress(code.index2()), Types.I32, Types.I32);
    }

    private void matches(int source, int table) {
        if (!types.isSubtype(source, table)) {
            throw new Violation(TYPE_MISMATCH, Types.text(source) + " does not fit a table of " + Types.text(table));
        }
    }

    /** The address type of a memory. */
    private int memory(int index) {
        int address = context.memory(index);
        if (index != 0) {
            scope.uses.need(Feature.MULTI_MEMORY, "a memory index");
        }
        scope.touchesMemory = true;
        return address;
    }

    /** A length fits both address spaces. */
    private static int shorter(int a, int b) {
        return a == Types.I64 && b == Types.I64 ? Types.I64 : Types.I32;
    }

    private void pop3(int first, int second, int third) {
        operands.pop(third);
        operands.pop(second);
        operands.pop(first);
    }
}
