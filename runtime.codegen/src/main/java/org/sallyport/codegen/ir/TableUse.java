package org.sallyport.codegen.ir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * Finds tables that never change after instantiation: neither imported nor exported, and no instruction of the module writes
 * them. Most modules that compilers make have just one table, of this kind.
 */
final class TableUse {
    private final ValidModule valid;
    private final IndexSpaces spaces;
    private final boolean[] fixed;

    /** @param meter counts the instructions looked at */
    TableUse(ValidModule valid, Meter meter) {
        this.valid = valid;
        spaces = valid.spaces();
        fixed = new boolean[spaces.tableCount()];
        Arrays.fill(fixed, spaces.importedTables(), fixed.length, true);
        for (WasmModule.Export export : valid.module().exports()) {
            if (export.kind() == ExternKind.TABLE) {
                fixed[export.index()] = false;
            }
        }
        if (hasFixed()) {
            scanBodies(meter);
        }
    }

    private boolean hasFixed() {
        for (boolean f : fixed) {
            if (f) {
                return true;
            }
        }
        return false;
    }

    private void scanBodies(Meter meter) {
        byte[] binary = valid.module().binary();
        CodeReader reader = new CodeReader(binary, 0, 0);
        for (WasmModule.Body body : valid.module().bodies()) {
            reader.reset(body.code(), body.end());
            while (reader.hasNext()) {
                meter.step();
                written(reader.next(), reader);
            }
        }
    }

    private void written(Opcode opcode, CodeReader reader) {
        switch (opcode) {
            case TABLE_SET, TABLE_GROW, TABLE_FILL, TABLE_COPY -> fixed[reader.index()] = false;
            case TABLE_INIT -> fixed[reader.index2()] = false;
            default -> {}
        }
    }

    boolean[] fixed() {
        return fixed;
    }

    /** Fixed tables that hold only null and functions defined in the module, none of which may return from elsewhere. */
    boolean[] closed() {
        boolean[] closed = fixed.clone();
        for (int i = spaces.importedTables(); i < closed.length; i++) {
            WasmModule.Table table = valid.module().tables().get(i - spaces.importedTables());
            closed[i] &= table.init() == null || isOwnFunction(table.init());
        }
        for (WasmModule.ElementSegment segment : valid.module().elements()) {
            if (segment.mode() instanceof Mode.Active active && closed[active.index()]) {
                closed[active.index()] = holdsOwnFunctions(segment);
            }
        }
        return closed;
    }

    private boolean holdsOwnFunctions(WasmModule.ElementSegment segment) {
        for (int function : segment.funcs()) {
            if (!isOwn(function)) {
                return false;
            }
        }
        for (WasmModule.Expr expr : segment.exprs()) {
            if (!isOwnFunction(expr)) {
                return false;
            }
        }
        return true;
    }

    private boolean isOwn(int function) {
        return function >= spaces.importedFuncs() && !valid.facts(function).tailCalls();
    }

    private boolean isOwnFunction(WasmModule.Expr expr) {
        CodeReader reader = new CodeReader(valid.module().binary(), expr.start(), expr.end());
        boolean own = switch (reader.next()) {
            case REF_NULL -> true;
            case REF_FUNC -> isOwn(reader.index());
            default -> false;
        };
        return own && reader.next() == Opcode.END;
    }
}
