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
import java.util.Optional;

import org.sallyport.BindException;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.WasmName;

/**
 * Implements a Java interface by an instance's functions: one hidden class whose methods call method handles that are
 * constants of the class, so that the JIT compiler sees through them.
 *
 * <p>The class is defined beside the interface, in its package and loader, so that interfaces of other bundles and
 * package-private ones work. Where the interface's module does not allow that, the class goes to a loader of its own
 * below the interface's, which sees public interfaces of exported packages.
 */
final class BindInterface {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    private static final DirectMethodHandleDesc CLASS_DATA_AT = ConstantDescs.ofConstantBootstrap(
            CD_MethodHandles, "classDataAt", CD_Object, CD_int);

    private final InstanceImpl instance;
    private final Class<?> contract;
    private final List<Method> methods = new ArrayList<>();
    private final List<MethodHandle> handles = new ArrayList<>();
    private final List<String> mismatches = new ArrayList<>();
    private final Suggestion suggestion = new Suggestion();

    private BindInterface(InstanceImpl instance, Class<?> contract) {
        this.instance = instance;
        this.contract = contract;
    }

    /** See {@link org.sallyport.Instance#bind}. */
    static <T> T bind(InstanceImpl instance, Class<T> contract) {
        if (!contract.isInterface() || contract.isSealed() || contract.isHidden() || contract.isAnnotation()) {
            throw new IllegalArgumentException(contract.getName() + " is no interface that can be implemented");
        }
        BindInterface binding = new BindInterface(instance, contract);
        contractMethods(contract).forEach(binding::match);
        if (!binding.mismatches.isEmpty()) {
            throw new BindException(contract, instance.module().name(), binding.mismatches);
        }
        return contract.cast(binding.implement());
    }

    /** The methods that an implementation must have. */
    static List<Method> contractMethods(Class<?> contract) {
        return Arrays.stream(contract.getMethods())
                .filter(m -> Modifier.isAbstract(m.getModifiers()) && !isOfObject(m))
                .toList();
    }

    private static boolean isOfObject(Method method) {
        try {
            Object.class.getMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /** The wasm name of a method of a contract. */
    static String wasmName(Method method) {
        WasmName name = method.getAnnotation(WasmName.class);
        return name == null ? method.getName() : name.value();
    }

    private void match(Method method) {
        String name = wasmName(method);
        Optional<Extern> export = instance.export(name);
        if (export.isEmpty()) {
            mismatches.add(signature(method) + ": no export \"" + name + "\""
                    + suggestion.from(name, instance.exportNames()));
        } else if (!(export.get() instanceof Func function)) {
            mismatches.add(signature(method) + ": export \"" + name + "\" is a "
                    + export.get().entityType());
        } else {
            MethodHandle handle = function.handle();
            MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
            if (!handle.type().equals(type)) {
                mismatches.add(signature(method) + ": export \"" + name + "\" has type " + function.type()
                        + ", in Java " + handle.type());
            }
            methods.add(method);
            handles.add(handle);
        }
    }

    private static String signature(Method method) {
        StringBuilder text = new StringBuilder();
        text.append(method.getReturnType().getSimpleName()).append(' ').append(method.getName()).append('(');
        String between = "";
        for (Class<?> param : method.getParameterTypes()) {
            text.append(between).append(param.getSimpleName());
            between = ", ";
        }
        return text.append(')').toString();
    }

    private Object implement() {
        try {
            MethodHandles.Lookup lookup = lookup();
            byte[] bytes = classBytes(lookup.lookupClass().getPackageName());
            MethodHandles.Lookup implementation =
                    lookup.defineHiddenClassWithClassData(bytes, List.copyOf(handles), true);
            return implementation
                    .findConstructor(implementation.lookupClass(), MethodType.methodType(void.class))
                    .asType(MethodType.methodType(Object.class))
                    .invokeExact();
        } catch (Throwable t) {
            throw new IllegalArgumentException(
                    contract.getName() + " cannot be implemented from here: make it public in an exported package,"
                            + " or open its package",
                    t);
        }
    }

    private MethodHandles.Lookup lookup() throws Throwable {
        try {
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(contract, HERE);
            return inside.hasFullPrivilegeAccess() ? inside : BesideContract.lookup(inside, contract);
        } catch (IllegalAccessException e) {
            if (!Modifier.isPublic(contract.getModifiers())) {
                throw e;
            }
            return new Neighbour(contract.getClassLoader()).lookup();
        }
    }

    private byte[] classBytes(String packageName) {
        ClassDesc name = ClassDesc.of(packageName.isEmpty() ? "" : packageName, contract.getSimpleName() + "$Wasm");
        return ClassFile.of().build(name, builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withInterfaceSymbols(Spin.desc(contract))
                    .withMethodBody(INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC, code -> code.aload(0)
                            .invokespecial(CD_Object, INIT_NAME, MethodTypeDesc.of(CD_void))
                            .return_());
            for (int i = 0; i < methods.size(); i++) {
                int index = i;
                MethodTypeDesc type = handles.get(i).type().describeConstable().orElseThrow();
                builder.withMethodBody(
                        methods.get(i).getName(), type, ClassFile.ACC_PUBLIC, code -> body(code, type, index));
            }
        });
    }

    private static void body(CodeBuilder code, MethodTypeDesc type, int index) {
        code.loadConstant(DynamicConstantDesc.ofNamed(CLASS_DATA_AT, DEFAULT_NAME, CD_MethodHandle, index));
        int local = 1;
        for (ClassDesc param : type.parameterList()) {
            TypeKind kind = TypeKind.from(param);
            code.loadLocal(kind, local);
            local += kind.slotSize();
        }
        code.invokevirtual(CD_MethodHandle, "invokeExact", type);
        code.return_(TypeKind.from(type.returnType()));
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
