package org.sallyport.cli;

import java.util.List;
import java.util.Locale;
import org.sallyport.EntityType;
import org.sallyport.cli.Inspection.Port;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.WasmModule;

/**
 * Imports and exports of a module that perhaps nobody has validated, with their types as far as they can be told. Concrete
 * types are the module's own numbers, whether it is refused or not.
 */
final class Ports {
    private Ports() {}

    static List<Port> imports(WasmModule module) {
        return module.imports().stream()
                .map(i -> new Port(i.module(), i.name(), text(module, i.type())))
                .toList();
    }

    static List<Port> exports(WasmModule module) {
        IndexSpaces spaces = new IndexSpaces(module);
        return module.exports().stream()
                .map(e -> new Port("", e.name(), e.index() < spaces.count(e.kind())
                        ? text(module, spaces.externType(e.kind(), e.index()))
                        : name(e.kind()) + " " + e.index()))
                .toList();
    }

    private static String text(WasmModule module, ExternType type) {
        return switch (type) {
            case ExternType.Func(int index) -> function("func ", module, index);
            case ExternType.Table(var table) -> new EntityType.Table(table).toString();
            case ExternType.Memory(var memory) -> new EntityType.Memory(memory).toString();
            case ExternType.Global(var global) -> new EntityType.Global(global).toString();
            case ExternType.Tag(int index) -> function("tag ", module, index);
        };
    }

    private static String function(String kind, WasmModule module, int index) {
        boolean isFunction = index < module.types().size()
                && module.types().get(index).composite() instanceof FuncType;
        return kind + (isFunction ? module.types().get(index).composite() : "of type " + index);
    }

    private static String name(ExternKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
