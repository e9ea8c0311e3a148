package org.sallyport.engine;

import org.sallyport.EntityType;
import org.sallyport.Extern;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.TypeCanon;

/** Whether what was found may stand for an import (WebAssembly 3.0, 3.3.17, matching of external types). */
final class ImportMatch {
    private final EngineImpl engine;
    private final TypeCanon types;

    ImportMatch(EngineImpl engine) {
        this.engine = engine;
        types = engine.types();
    }

    /** @param index of the import; {@code found} a {@link HostEntry} or {@link Extern} of the same engine */
    boolean fits(ModuleImpl module, int index, Object found) {
        ExternType wanted = module.wasm().imports().get(index).type();
        return switch (wanted) {
            case ExternType.Func(int type) -> fitsFunction(module.typeIds()[type], found);
            case ExternType.Tag(int type) ->
                found instanceof TagImpl tag && tag.typeId() == module.typeIds()[type];
            case ExternType.Memory(var type) -> found instanceof MemoryImpl memory && fits(memory.type(), type);
            case ExternType.Table(var type) ->
                found instanceof TableImpl table && fits(table.type(), module.rename(type));
            case ExternType.Global(var type) ->
                found instanceof GlobalImpl global && fits(global.type(), module.rename(type));
        };
    }

    private boolean fitsFunction(int wanted, Object found) {
        return switch (found) {
            case HostEntry host -> engine.typeId(host.type()) == wanted;
            case FuncImpl function -> types.isSubtype(function.typeId(), wanted);
            default -> false;
        };
    }

    private static boolean fits(MemoryType found, MemoryType wanted) {
        return found.address() == wanted.address()
                && found.shared() == wanted.shared()
                && found.pageSizeLog2() == wanted.pageSizeLog2()
                && fits(found.limits(), wanted.limits());
    }

    private boolean fits(TableType found, TableType wanted) {
        return found.address() == wanted.address()
                && fits(found.limits(), wanted.limits())
                && types.matches(found.element(), wanted.element())
                && types.matches(wanted.element(), found.element());
    }

    private boolean fits(GlobalType found, GlobalType wanted) {
        return found.mutable() == wanted.mutable()
                && types.matches(found.type(), wanted.type())
                && (!found.mutable() || types.matches(wanted.type(), found.type()));
    }

    private static boolean fits(Limits found, Limits wanted) {
        return Long.compareUnsigned(found.min(), wanted.min()) >= 0
                && (!wanted.hasMax() || found.hasMax() && Long.compareUnsigned(found.max(), wanted.max()) <= 0);
    }

    /** The type of what was found, for messages. */
    static String describe(Object found) {
        return found instanceof HostEntry host
                ? new EntityType.Func(host.type()).toString()
                : ((Extern) found).entityType().toString();
    }
}
