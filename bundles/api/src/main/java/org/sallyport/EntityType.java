package org.sallyport;

import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/**
 * The type of an import or export. As text, types that do not match differ, but for definitions of functions that only
 * differ in what the declaration says beside parameters and results. Concrete reference types inside are numbers of the
 * engine, see {@link Engine#typeDefinition}; nothing refers to a module's index spaces.
 */
public sealed interface EntityType {
    record Func(FuncType type) implements EntityType {
        @Override
        public String toString() {
            return "func " + type;
        }
    }

    record Table(TableType type) implements EntityType {
        @Override
        public String toString() {
            return "table " + address(type.address()) + range(type.limits()) + " " + type.element();
        }
    }

    record Memory(MemoryType type) implements EntityType {
        @Override
        public String toString() {
            long page = 1L << type.pageSizeLog2();
            return "memory " + address(type.address()) + range(type.limits()) + " pages of "
                    + (page == 1 ? "1 byte" : Long.toUnsignedString(page) + " bytes")
                    + (type.shared() ? " shared" : "");
        }
    }

    record Global(GlobalType type) implements EntityType {
        @Override
        public String toString() {
            return type.mutable() ? "global (mut " + type.type() + ")" : "global " + type.type();
        }
    }

    record Tag(FuncType type) implements EntityType {
        @Override
        public String toString() {
            return "tag " + type;
        }
    }

    private static String address(AddressType type) {
        return type == AddressType.I64 ? "i64 " : "";
    }

    private static String range(Limits limits) {
        return "min " + Long.toUnsignedString(limits.min())
                + (limits.hasMax() ? " max " + Long.toUnsignedString(limits.max()) : "");
    }
}
