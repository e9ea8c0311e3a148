package org.sallyport.wasm;

/** The type of an import or export (WebAssembly 3.0, 2.3.17). */
public sealed interface ExternType {

    /** A function of the module's type {@code typeIndex}. */
    record Func(int typeIndex) implements ExternType {}

    record Table(TableType type) implements ExternType {}

    record Memory(MemoryType type) implements ExternType {}

    record Global(GlobalType type) implements ExternType {}

    /** An exception tag of the function type {@code typeIndex}. */
    record Tag(int typeIndex) implements ExternType {}

    default ExternKind kind() {
        return switch (this) {
            case Func _ -> ExternKind.FUNC;
            case Table _ -> ExternKind.TABLE;
            case Memory _ -> ExternKind.MEMORY;
            case Global _ -> ExternKind.GLOBAL;
            case Tag _ -> ExternKind.TAG;
        };
    }
}
