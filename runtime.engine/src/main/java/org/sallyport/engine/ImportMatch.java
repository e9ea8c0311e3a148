package org.sallyport.engine;

import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Extern;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;

/** Whether what was found may stand for an import (WebAssembly 3.0, 3.3.17, matching of external types). */
final class ImportMatch {
    private final TypeCanon types;

    ImportMatch(EngineImpl engine) {
        types = engine.types();
    }

    /** @param index of the import; {@code found} a {@link HostEntry} or {@link Extern} of the same engine */
    boolean fits(ModuleImpl module, int index, Object found) {
        ExternType wanted = module.wasm().imports().get(index).type();
        return switch (wanted) {
            case ExternType.Func(int type) -> fitsFunction(module.typeIds()[type], found);
            case ExternType.Tag(int type) ->
                found instanceof TagImpl tag && tag.typeId() == module.typeIds()[type];
            case ExternType.Memory(var type) ->
                found instanceof MemoryImpl memory && fits(memory.type(), type)
                        || found instanceof SharedMemoryImpl shared && fits(shared.type(), type);
            case ExternType.Table(var type) ->
                found instanceof TableImpl table && fits(table.type(), module.rename(type));
            case ExternType.Global(var type) ->
                found instanceof GlobalImpl global && fits(global.type(), module.rename(type));
        };
    }

    private boolean fitsFunction(int wanted, Object found) {
        return switch (found) {
            case HostEntry host -> as(host, wanted) != null;
            case FuncImpl function -> types.isSubtype(function.typeId(), wanted);
            default -> false;
        };
    }

    /** What was found as one of the import's type, if it {@link #fits}. */
    Object as(ModuleImpl module, int index, Object found) {
        return found instanceof HostEntry host && module.wasm().imports().get(index).type() instanceof ExternType.Func(int type)
                ? Objects.requireNonNull(as(host, module.typeIds()[type]))
                : found;
    }

    /** Methods name classes of references; the import's type may be narrower. Null if it does not fit. */
    private @Nullable HostEntry as(HostEntry host, int wanted) {
        if (host.typeId() == wanted) {
            return host;
        }
        return host instanceof TypedHost typed
                        && types.type(wanted).composite() instanceof FuncType type
                        && types.find(type) == wanted
                        && ReferenceViews.fitsHost(host.type(), type, types)
                ? typed.as(type)
                : null;
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

    // ---- for messages

    /** The type of what was found. */
    static String describe(Object found) {
        return typeOf(found).toString();
    }

    private static EntityType typeOf(Object found) {
        return switch (found) {
            case HostEntry host -> new EntityType.Func(host.type());
            case SharedMemoryImpl memory -> memory.entityType();
            default -> ((Extern) found).entityType();
        };
    }

    /** How what was found differs from what is wanted where {@link #describe} does not tell; else the empty text. */
    String difference(ModuleImpl module, int index, Object found) {
        EntityType wanted = module.imports().get(index).type();
        EntityType other = typeOf(found);
        if (!wanted.toString().equals(other.toString())) {
            return "";
        }
        int here = switch (module.wasm().imports().get(index).type()) {
            case ExternType.Func(int type) -> module.typeIds()[type];
            case ExternType.Tag(int type) -> module.typeIds()[type];
            case ExternType.Memory _, ExternType.Table _, ExternType.Global _ -> -1;
        };
        int there = switch (found) {
            case HostEntry host -> host.typeId();
            case FuncImpl function -> function.typeId();
            case TagImpl tag -> tag.typeId();
            default -> -1;
        };
        if (here < 0 || !types.isKnown(there)) {
            return "";
        }
        FuncType asked = (FuncType) types.type(here).composite();
        FuncType tasked = (FuncType) types.type(there).composite();
        String part = difference("parameter", asked.params(), tasked.params())
                + difference("result", asked.results(), tasked.results());
        return part.isEmpty()
                ? "the types differ as definitions: wanted " + definition(here) + ", found " + definition(there)
                : "the types differ" + part;
    }

    private static String difference(String part, List<ValType> wanted, List<ValType> found) {
        for (int i = 0; i < Math.min(wanted.size(), found.size()); i++) {
            if (!wanted.get(i).equals(found.get(i))) {
                return " in " + part + " " + i + ": wanted " + wanted.get(i) + ", found " + found.get(i);
            }
        }
        return "";
    }

    private String definition(int id) {
        SubType type = types.type(id);
        return "number " + id + (type.isFinal() ? ", final" : ", open")
                + (type.supertypes().isEmpty() ? "" : ", subtype of " + type.supertypes().getFirst())
                + types.groupOf(id);
    }
}
