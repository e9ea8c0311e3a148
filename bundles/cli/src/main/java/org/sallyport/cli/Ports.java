package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.sallyport.EntityType;
import org.sallyport.cli.Inspection.Port;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule;

/** Imports and exports of a module that nobody has validated, with their types as far as they can be told. */
final class Ports {
    private Ports() {}

    static List<Port> imports(WasmModule module) {
        return module.imports().stream()
                .map(i -> new Port(i.module(), i.name(), text(module, i.type())))
                .toList();
    }

    static List<Port> exports(WasmModule module) {
        return module.exports().stream()
                .map(e -> new Port("", e.name(), text(module, e)))
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

    private static String text(WasmModule module, WasmModule.Export export) {
        List<ExternType> all = new ArrayList<>();
        for (WasmModule.Import i : module.imports()) {
            if (i.type().kind() == export.kind()) {
                all.add(i.type());
            }
        }
        int defined = export.index() - all.size();
        if (defined < 0) {
            return text(module, all.get(export.index()));
        }
        return switch (export.kind()) {
            case FUNC -> defined(module, defined, module.functions().length, export,
                    i -> new ExternType.Func(module.functions()[i]));
            case TABLE -> defined(module, defined, module.tables().size(), export,
                    i -> new ExternType.Table(module.tables().get(i).type()));
            case MEMORY -> defined(module, defined, module.memories().size(), export,
                    i -> new ExternType.Memory(module.memories().get(i)));
            case GLOBAL -> defined(module, defined, module.globals().size(), export,
                    i -> new ExternType.Global(module.globals().get(i).type()));
            case TAG -> defined(module, defined, module.tags().size(), export,
                    i -> new ExternType.Tag(module.tags().get(i)));
        };
    }

    private static String defined(
            WasmModule module, int index, int count, WasmModule.Export export, IntFunction<ExternType> type) {
        return index < count ? text(module, type.apply(index)) : name(export.kind()) + " " + export.index();
    }

    private static String name(ExternKind kind) {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
