package org.sallyport.host.impl;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CLASS_INIT_NAME;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes a class that implements an interface by method handles. The handles are {@code static final}, so that the JIT
 * sees through them; no argument is boxed. The class lives in a loader of its own below the interface's and refers to
 * nothing but the interface and the JDK: the interface's bundle need not see ours. It goes when its only object goes.
 */
final class ContractClass {
    private static final ClassDesc SELF = ClassDesc.of("org.sallyport.host.contract.Implementation");
    private static final ClassDesc HANDLES = CD_MethodHandle.arrayType();
    private static final ClassDesc LOADER = ClassLoader.class.describeConstable().orElseThrow();
    private static final ClassDesc SUPPLIER = Supplier.class.describeConstable().orElseThrow();

    private ContractClass() {}

    /**
     * @param contract public interface
     * @param methods implementation of each abstract method, of exactly its type
     * @param name what {@code toString} returns
     */
    static <T> T implement(Class<T> contract, Map<Method, MethodHandle> methods, String name) {
        List<Method> order = List.copyOf(methods.keySet());
        byte[] bytes = ClassFile.of().build(SELF, type -> write(type, contract, order, name));
        HandleLoader loader = new HandleLoader(
                contract.getClassLoader(), order.stream().map(methods::get).toArray(MethodHandle[]::new));
        try {
            return contract.cast(loader.define(bytes).getConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: generated class for " + contract.getName(), e);
        }
    }

    private static void write(ClassBuilder type, Class<?> contract, List<Method> methods, String name) {
        type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                .withInterfaceSymbols(ClassDesc.ofDescriptor(contract.descriptorString()));
        for (int i = 0; i < methods.size(); i++) {
            int index = i;
            Method method = methods.get(i);
            type.withField(
                    "m" + i, CD_MethodHandle, ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
            type.withMethodBody(
                    method.getName(), descriptor(method), ClassFile.ACC_PUBLIC, code -> call(code, method, index));
        }
        type.withMethodBody(CLASS_INIT_NAME, MTD_void, ClassFile.ACC_STATIC, code -> takeHandles(code, methods.size()));
        type.withMethodBody(INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC, code -> code.aload(0)
                .invokespecial(CD_Object, INIT_NAME, MTD_void)
                .return_());
        type.withMethodBody(
                "toString",
                MethodTypeDesc.of(CD_String),
                ClassFile.ACC_PUBLIC,
                code -> code.loadConstant(name).areturn());
    }

    private static MethodTypeDesc descriptor(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .describeConstable()
                .orElseThrow();
    }

    private static void call(CodeBuilder code, Method method, int index) {
        MethodTypeDesc type = descriptor(method);
        code.getstatic(SELF, "m" + index, CD_MethodHandle);
        for (int i = 0; i < type.parameterCount(); i++) {
            code.loadLocal(TypeKind.from(type.parameterType(i)), code.parameterSlot(i));
        }
        code.invokevirtual(CD_MethodHandle, "invokeExact", type).return_(TypeKind.from(type.returnType()));
    }

    /** {@code m0 = handles[0]; …} with the handles that the class's own loader holds. */
    private static void takeHandles(CodeBuilder code, int count) {
        code.loadConstant(SELF)
                .invokevirtual(CD_Class, "getClassLoader", MethodTypeDesc.of(LOADER))
                .checkcast(SUPPLIER)
                .invokeinterface(SUPPLIER, "get", MethodTypeDesc.of(CD_Object))
                .checkcast(HANDLES)
                .astore(0);
        for (int i = 0; i < count; i++) {
            code.aload(0).loadConstant(i).aaload().putstatic(SELF, "m" + i, CD_MethodHandle);
        }
        code.return_();
    }

    /** Hands over by a type of the JDK, because the class cannot name ours. */
    private static final class HandleLoader extends ClassLoader implements Supplier<MethodHandle[]> {
        private final MethodHandle[] handles;

        HandleLoader(ClassLoader parent, MethodHandle[] handles) {
            super(parent);
            this.handles = handles;
        }

        @Override
        public MethodHandle[] get() {
            return handles;
        }

        Class<?> define(byte[] bytes) {
            return defineClass(null, bytes, 0, bytes.length);
        }
    }
}
