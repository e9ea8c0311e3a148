package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ExternRef;
import org.sallyport.contract.ReferenceType;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;

/**
 * Methods that name classes of references ({@link AnyRef} and what extends it) over handles in which references are {@code
 * Object}. Values are checked against the wasm types where they go into a guest ({@link References#check}).
 */
final class ReferenceViews {
    private static final MethodHandle TO_ANY;
    private static final MethodHandle TO_EXTERN;

    static {
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            TO_ANY = here.findStatic(
                    ReferenceViews.class, "toAny", MethodType.methodType(AnyRef.class, Object.class));
            TO_EXTERN = here.findStatic(
                    ReferenceViews.class, "toExtern", MethodType.methodType(ExternRef.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private ReferenceViews() {}

    private static @Nullable AnyRef toAny(@Nullable Object value) {
        return value == null || value instanceof AnyRef ? (AnyRef) value : new ExternRef(value);
    }

    private static @Nullable ExternRef toExtern(@Nullable Object value) {
        return value == null ? null : new ExternRef(value);
    }

    private static @Nullable MethodHandle view(Class<?> type) {
        return type == AnyRef.class ? TO_ANY : type == ExternRef.class ? TO_EXTERN : null;
    }

    private static boolean isOfObjects(Class<?> type) {
        return AnyRef.class.isAssignableFrom(type);
    }

    /** A host function with {@code Object} for each class of references to objects. */
    static MethodHandle ofHost(MethodHandle function) {
        MethodType raw = function.type();
        MethodHandle h = function;
        for (int i = 0; i < raw.parameterCount(); i++) {
            MethodHandle view = view(raw.parameterType(i));
            if (view != null) {
                h = MethodHandles.filterArguments(h, i, view);
            }
            if (isOfObjects(raw.parameterType(i))) {
                raw = raw.changeParameterType(i, Object.class);
            }
        }
        return h.asType(isOfObjects(raw.returnType()) ? raw.changeReturnType(Object.class) : raw);
    }

    /** A guest's function, with something in front that says which one, as of the classes of a method. */
    static MethodHandle ofGuest(MethodHandle function, MethodType method) {
        MethodHandle view = view(method.returnType());
        MethodHandle h = view == null ? function : MethodHandles.filterReturnValue(function, view);
        return h.asType(method.insertParameterTypes(0, function.type().parameterType(0)));
    }

    /**
     * Whether a method of these classes can stand for a function: each parameter may be of its type, each result is.
     *
     * @param function concrete types in it are of {@code types}
     */
    static boolean fitsGuest(MethodType method, FuncType function, TypeCanon types) {
        if (method.parameterCount() != function.params().size() || function.results().size() > 1
                || (method.returnType() == void.class) != function.results().isEmpty()) {
            return false;
        }
        for (int i = 0; i < method.parameterCount(); i++) {
            if (!isRelated(method.parameterType(i), function.params().get(i), types)) {
                return false;
            }
        }
        return function.results().isEmpty() || isOf(function.results().getFirst(), method.returnType(), types);
    }

    /** Whether a host function of a type can be called as one of another: its parameters fit, and its results may. */
    static boolean fitsHost(FuncType host, FuncType wanted, TypeCanon types) {
        return fit(wanted.params(), host.params(), types, false) && fit(host.results(), wanted.results(), types, true);
    }

    private static boolean fit(List<ValType> given, List<ValType> taken, TypeCanon types, boolean orMay) {
        if (given.size() != taken.size()) {
            return false;
        }
        for (int i = 0; i < given.size(); i++) {
            boolean fits = types.matches(given.get(i), taken.get(i))
                    || orMay && given.get(i) instanceof RefType from && taken.get(i) instanceof RefType to
                            && (types.matches(from.heap(), to.heap()) || types.matches(to.heap(), from.heap()));
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(ValType value, Class<?> java, TypeCanon types) {
        RefType known = ReferenceType.of(java);
        return value instanceof RefType reference
                ? java == Object.class && Values.javaType(plain(reference, types)) == Object.class
                        || known != null && types.matches(reference.heap(), known.heap())
                : Values.javaType(value) == java;
    }

    private static boolean isRelated(Class<?> java, ValType value, TypeCanon types) {
        RefType known = ReferenceType.of(java);
        return isOf(value, java, types)
                || value instanceof RefType reference && known != null && types.matches(known.heap(), reference.heap());
    }

    private static RefType plain(RefType type, TypeCanon types) {
        return Shapes.isFunction(type, types) ? RefType.FUNCREF : RefType.EXTERNREF;
    }
}
