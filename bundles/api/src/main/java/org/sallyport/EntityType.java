package org.sallyport;

import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/**
 * The type of an import or export. Concrete reference types inside are numbers of the engine, see {@link
 * Engine#typeDefinition}; nothing refers to a module's index spaces.
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
            return "table " + type.limits() + " " + type.element();
        }
    }

    record Memory(MemoryType type) implements EntityType {
        @Override
        public String toString() {
            return "memory " + type.limits() + " pages" + (type.shared() ? " shared" : "");
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
            return "tag " + type.params();
        }
    }
}
