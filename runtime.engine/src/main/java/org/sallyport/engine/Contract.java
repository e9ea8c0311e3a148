package org.sallyport.engine;

import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.DEFAULT_NAME;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.WasmName;

/**
 * A Java interface that functions of instances implement, and the hidden classes that do it: one for all instances whose
 * functions are called alike. Its methods call method handles that are constants of the class, so that the JIT compiler
 * sees through them, on what its fields hold: which functions of which instance.
 *
 * <pre>{@code
 * final class Calculator$Wasm implements Calculator {
 *     private final Object f0;
 *
 *     Calculator$Wasm(Object[] functions) {
 *         f0 = functions[0];
 *     }
 *
 *     public int add(int a, int b) {
 *         return (int) CALL_0.invokeExact(f0, a, b);
 *     }
 * }
 * }</pre>
 *
 * <p>The class is defined beside the interface, in its package and loader, so that interfaces of other bundles and
 * package-private ones work. Where the interface's module does not allow that, the class goes to a loader of its own
 * below the interface's, which sees public interfaces of exported packages. Thread-safe.
 */
final class Contract {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    private static final DirectMethodHandleDesc CLASS_DATA_AT = ConstantDescs.ofConstantBootstrap(
            CD_MethodHandles, "classDataAt", CD_Object, CD_int);
    private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(CD_void, CD_Object.arrayType());
    /** Classes that are kept; modules could make do with another combination of handles for each instance. */
    private static final int MAX_CLASSES = 8;

    /**
     * A method that an implementation must have.
     *
     * @param export name of what is behind it
     */
    record Operation(Method method, String export, MethodType type) {
        static Operation of(Method method) {
            return new Operation(
                    method, wasmName(method), MethodType.methodType(method.getReturnType(), method.getParameterTypes()));
        }
    }

    private final Class<?> type;
    private final List<Operation> operations;
    private final Map<List<MethodHandle>, MethodHandle> constructors = new ConcurrentHashMap<>();

    Contract(Class<?> type) {
        this.type = type;
        operations = methods(type).stream().map(Operation::of).toList();
    }

    List<Operation> operations() {
        return operations;
    }

    /** The methods that an implementation must have. */
    static List<Method> methods(Class<?> contract) {
        return Arrays.stream(contract.getMethods())
                .filter(m -> Modifier.isAbstract(m.getModifiers()) && !isOfObject(m))
                .toList();
    }

    private static boolean isOfObject(Method method) {
        return Arrays.stream(Object.class.getMethods()).anyMatch(m -> m.getName().equals(method.getName())
                && Arrays.equals(m.getParameterTypes(), method.getParameterTypes()));
    }

    /** The wasm name of a method of a contract. */
    static String wasmName(Method method) {
        WasmName name = method.getAnnotation(WasmName.class);
        return name == null ? method.getName() : name.value();
    }

    /**
     * Implements the interface.
     *
     * @param handles for each operation what calls its function: of the operation's type with an object in front
     * @param functions those objects
     * @throws IllegalArgumentException if the interface cannot be implemented from here
     */
    Object implement(List<MethodHandle> handles, Object[] functions) {
        try {
            return constructor(handles).invokeExact(functions);
        } catch (Throwable t) {
            throw new IllegalArgumentException(
                    type.getName() + " cannot be implemented from here: make it public in an exported package,"
                            + " or open its package",
                    t);
        }
    }

    private MethodHandle constructor(List<MethodHandle> handles) throws Throwable {
        @Nullable MethodHandle known = constructors.get(handles);
        if (known == null) {
            synchronized (this) {
                known = constructors.get(handles);
                if (known == null) {
                    known = define(handles);
                    if (constructors.size() < MAX_CLASSES) {
                        constructors.put(List.copyOf(handles), known);
                    }
                }
            }
        }
        return known;
    }

    private MethodHandle define(List<MethodHandle> handles) throws Throwable {
        MethodHandles.Lookup lookup = lookup();
        byte[] bytes = classBytes(lookup.lookupClass().getPackageName(), handles);
        List<Object> constants = new ArrayList<>(handles);
        constants.add(this); // who has an object that was bound keeps this (BoundClasses)
        MethodHandles.Lookup implementation = lookup.defineHiddenClassWithClassData(bytes, constants, true);
        return implementation
                .findConstructor(implementation.lookupClass(), MethodType.methodType(void.class, Object[].class))
                .asType(MethodType.methodType(Object.class, Object[].class));
    }

    private byte[] classBytes(String packageName, List<MethodHandle> handles) {
        ClassDesc name = ClassDesc.of(packageName, type.getSimpleName() + "$Wasm");
        return ClassFile.of().build(name, builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(Spin.desc(type))
                    .withMethodBody(INIT_NAME, CONSTRUCTOR, ClassFile.ACC_PUBLIC, code -> keep(code, name));
            for (int i = 0; i < operations.size(); i++) {
                int index = i;
                MethodTypeDesc called = handles.get(i).type().describeConstable().orElseThrow();
                builder.withField(field(i), CD_Object, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL)
                        .withMethodBody(
                                operations.get(i).method().getName(),
                                called.dropParameterTypes(0, 1),
                                ClassFile.ACC_PUBLIC,
                                code -> call(code, name, called, index));
            }
        });
    }

    private static String field(int index) {
        return "f" + index;
    }

    /** The constructor. */
    private void keep(CodeBuilder code, ClassDesc name) {
        code.aload(0).invokespecial(CD_Object, INIT_NAME, MethodTypeDesc.of(CD_void));
        for (int i = 0; i < operations.size(); i++) {
            code.aload(0).aload(1).loadConstant(i).aaload().putfield(name, field(i), CD_Object);
        }
        code.return_();
    }

    private static void call(CodeBuilder code, ClassDesc name, MethodTypeDesc called, int index) {
        code.loadConstant(DynamicConstantDesc.ofNamed(CLASS_DATA_AT, DEFAULT_NAME, CD_MethodHandle, index));
        code.aload(0).getfield(name, field(index), CD_Object);
        int local = 1;
        for (ClassDesc param : called.parameterList().subList(1, called.parameterCount())) {
            TypeKind kind = TypeKind.from(param);
            code.loadLocal(kind, local);
            local += kind.slotSize();
        }
        code.invokevirtual(CD_MethodHandle, "invokeExact", called);
        code.return_(TypeKind.from(called.returnType()));
    }

    // ---- where the class goes

    /** A look-up with the rights of the type's package, if that is open to this module. */
    static MethodHandles.Lookup within(Class<?> type) throws IllegalAccessException {
        HERE.lookupClass().getModule().addReads(type.getModule());
        return MethodHandles.privateLookupIn(type, HERE);
    }

    private MethodHandles.Lookup lookup() throws Throwable {
        try {
            MethodHandles.Lookup inside = within(type);
            return inside.hasFullPrivilegeAccess() ? inside : BesideContract.lookup(inside, type);
        } catch (IllegalAccessException e) {
            if (!Modifier.isPublic(type.getModifiers())) {
                throw e;
            }
            return new Neighbour(type.getClassLoader()).lookup();
        }
    }

    /** Bytes of a class with a static method that returns its own look-up. */
    private static byte[] anchor(String name) {
        ClassDesc lookup = Spin.desc(MethodHandles.Lookup.class);
        return ClassFile.of().build(ClassDesc.of(name), builder -> builder.withFlags(
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                .withMethodBody(
                        "lookup",
                        MethodTypeDesc.of(lookup),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                        code -> code.invokestatic(CD_MethodHandles, "lookup", MethodTypeDesc.of(lookup))
                                .areturn()));
    }

    /**
     * A look-up that may define hidden classes, in the package of an interface of another unnamed module (as every
     * bundle and every class loader is). Going there from here loses that right; a class defined there has it.
     */
    private static final class BesideContract {
        static MethodHandles.Lookup lookup(MethodHandles.Lookup inside, Class<?> contract) throws Throwable {
            String name = contract.getPackageName() + ".SallyportAnchor";
            Class<?> anchor;
            try {
                anchor = inside.defineClass(anchor(name));
            } catch (LinkageError there) {
                anchor = Class.forName(name, true, contract.getClassLoader());
            }
            return (MethodHandles.Lookup) inside.findStatic(
                            anchor, "lookup", MethodType.methodType(MethodHandles.Lookup.class))
                    .invokeExact();
        }
    }

    /** A loader below the interface's, with one class in it whose look-up may define others. */
    private static final class Neighbour extends ClassLoader {
        private static final String NAME = "org.sallyport.bound.SallyportAnchor";

        Neighbour(ClassLoader parent) {
            super(parent);
        }

        MethodHandles.Lookup lookup() throws Throwable {
            byte[] bytes = anchor(NAME);
            Class<?> anchor = defineClass(NAME, bytes, 0, bytes.length);
            return (MethodHandles.Lookup) anchor.getMethod("lookup").invoke(null);
        }
    }
}
