package org.sallyport.contract;

import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
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
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sallyport.contract.JavaContract.Operation;

/**
 * Writes hidden classes that implement interfaces. The methods call method handles that are constants of the class, so that
 * the JIT compiler sees through them, on what the fields of an object hold.
 *
 * <pre>{@code
 * public final class Calculator$Wasm implements Calculator {
 *     private final Object f0;
 *
 *     private Calculator$Wasm(Object[] targets) {
 *         f0 = targets[0];
 *     }
 *
 *     public int add(int a, int b) {
 *         return (int) CALL_0.invokeExact(f0, a, b);
 *     }
 * }
 * }</pre>
 *
 * <p>The class is defined beside the interface, in its package and loader, so that interfaces of other bundles and
 * package-private ones work; it names nothing but the interface and the JDK, so their loader need not see ours. Where the
 * interface's module does not allow that, the class goes to a loader of its own below the interface's, which sees public
 * interfaces of exported packages. It is as public as the interface: distribution providers, proxies and the like call {@code
 * service.getClass().getMethod(...)}. Classes go when their objects go.
 */
public final class ContractClass {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    private static final String ANCHOR = "SallyportAnchor";
    private static final ClassDesc LOOKUP = desc(MethodHandles.Lookup.class);
    private static final DirectMethodHandleDesc CLASS_DATA_AT = ConstantDescs.ofConstantBootstrap(
            CD_MethodHandles, "classDataAt", CD_Object, CD_int);
    private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(CD_void, CD_Object.arrayType());

    private final Class<?> contract;
    private final List<Operation> operations;
    private final List<MethodHandle> handles;
    private final @Nullable String name;

    private ContractClass(
            Class<?> contract, List<Operation> operations, List<MethodHandle> handles, @Nullable String name) {
        this.contract = contract;
        this.operations = operations;
        this.handles = handles;
        this.name = name;
    }

    /**
     * A class whose objects differ in the targets of their methods.
     *
     * @param operations all of the interface
     * @param handles for each operation what calls its target: of the operation's type with an object in front
     * @param name what {@code toString} returns, or null
     * @param kept whoever has an object of the class has this
     * @return the constructor, {@code (Object[] targets)Object}
     * @throws IllegalArgumentException if the interface cannot be implemented from here
     */
    public static MethodHandle define(
            Class<?> contract, List<Operation> operations, List<MethodHandle> handles, @Nullable String name, Object kept) {
        try {
            return new ContractClass(contract, operations, handles, name).define(kept);
        } catch (Throwable t) {
            throw new IllegalArgumentException(
                    contract.getName() + " cannot be implemented from here: make it public in an exported package,"
                            + " or open its package",
                    t);
        }
    }

    /**
     * An object of a class of its own.
     *
     * @param methods implementation of each operation, of exactly its type
     * @param name what {@code toString} returns
     * @throws IllegalArgumentException likewise
     */
    public static <T> T implement(Class<T> contract, Map<Operation, MethodHandle> methods, String name) {
        Map<Operation, MethodHandle> handles = new LinkedHashMap<>();
        methods.forEach((operation, handle) -> handles.put(operation, MethodHandles.dropArguments(handle, 0, Object.class)));
        MethodHandle constructor =
                define(contract, List.copyOf(handles.keySet()), List.copyOf(handles.values()), name, contract);
        try {
            return contract.cast(constructor.invokeExact(new Object[handles.size()]));
        } catch (Throwable t) {
            throw new AssertionError("BUG: generated class for " + contract.getName(), t);
        }
    }

    private MethodHandle define(Object kept) throws Throwable {
        MethodHandles.Lookup lookup = lookup();
        byte[] bytes = bytes(lookup.lookupClass().getPackageName());
        List<Object> constants = new ArrayList<>(handles);
        constants.add(kept);
        MethodHandles.Lookup implementation = lookup.defineHiddenClassWithClassData(bytes, constants, true);
        return implementation
                .findConstructor(implementation.lookupClass(), MethodType.methodType(void.class, Object[].class))
                .asType(MethodType.methodType(Object.class, Object[].class));
    }

    private byte[] bytes(String packageName) {
        String plain = contract.getName().substring(contract.getName().lastIndexOf('.') + 1);
        ClassDesc self = ClassDesc.of(packageName, plain + "$Wasm");
        return ClassFile.of().build(self, builder -> {
            int access = contract.getModifiers() & ClassFile.ACC_PUBLIC;
            builder.withFlags(access | ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(desc(contract))
                    .withMethodBody(INIT_NAME, CONSTRUCTOR, ClassFile.ACC_PRIVATE, code -> keep(code, self));
            for (int i = 0; i < operations.size(); i++) {
                int index = i;
                MethodTypeDesc called = handles.get(i).type().describeConstable().orElseThrow();
                builder.withField(field(i), CD_Object, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL)
                        .withMethodBody(
                                operations.get(i).method().getName(),
                                called.dropParameterTypes(0, 1),
                                ClassFile.ACC_PUBLIC,
                                code -> call(code, self, called, index));
            }
            if (name != null) {
                String text = Objects.requireNonNull(name);
                builder.withMethodBody("toString", MethodTypeDesc.of(CD_String), ClassFile.ACC_PUBLIC, code ->
                        code.loadConstant(text).areturn());
            }
        });
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static String field(int index) {
        return "f" + index;
    }

    /** The constructor. */
    private void keep(CodeBuilder code, ClassDesc self) {
        code.aload(0).invokespecial(CD_Object, INIT_NAME, MethodTypeDesc.of(CD_void));
        for (int i = 0; i < operations.size(); i++) {
            code.aload(0).aload(1).loadConstant(i).aaload().putfield(self, field(i), CD_Object);
        }
        code.return_();
    }

    private static void call(CodeBuilder code, ClassDesc self, MethodTypeDesc called, int index) {
        code.loadConstant(DynamicConstantDesc.ofNamed(CLASS_DATA_AT, DEFAULT_NAME, CD_MethodHandle, index));
        code.aload(0).getfield(self, field(index), CD_Object);
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

    private MethodHandles.Lookup lookup() throws Throwable {
        try {
            ContractClass.class.getModule().addReads(contract.getModule());
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(contract, HERE);
            return inside.hasFullPrivilegeAccess() ? inside : BesideContract.lookup(inside, contract);
        } catch (IllegalAccessException e) {
            if (!Modifier.isPublic(contract.getModifiers())) {
                throw e;
            }
            return new Neighbour(contract.getClassLoader()).lookup();
        }
    }

    /** Bytes of a class with a static method that returns its own look-up. */
    private static byte[] anchor(String name) {
        return ClassFile.of().build(ClassDesc.of(name), builder -> builder.withFlags(
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                .withMethodBody(
                        "lookup",
                        MethodTypeDesc.of(LOOKUP),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                        code -> code.invokestatic(CD_MethodHandles, "lookup", MethodTypeDesc.of(LOOKUP))
                                .areturn()));
    }

    /**
     * A look-up that may define hidden classes, in the package of an interface of another unnamed module (as every
     * bundle and every class loader is). Going there from here loses that right; a class defined there has it.
     */
    private static final class BesideContract {
        static MethodHandles.Lookup lookup(MethodHandles.Lookup inside, Class<?> contract) throws Throwable {
            String name = contract.getPackageName().isEmpty() ? ANCHOR : contract.getPackageName() + "." + ANCHOR;
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
        private static final String NAME = "org.sallyport.bound." + ANCHOR;

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
