package org.sallyport.host.core;

import static java.lang.invoke.MethodType.methodType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.Caller;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.contract.Abi;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** Guests made of Java: exports are method handles, the memory is an array. What runs wasm is tested in itests. */
public final class Guests {
    private final Map<String, Extern> exports = new LinkedHashMap<>();
    private int heap = 16;
    boolean closed;
    Runnable whenClosed = () -> {};
    final List<String> freed = new ArrayList<>();

    /** A guest with a memory and the allocator's functions. */
    public static Guests withAllocator() throws ReflectiveOperationException {
        Guests guest = new Guests();
        guest.exports.put("memory", new ArrayMemory(new byte[1 << 16]));
        guest.export(Abi.ALLOC, guest, "alloc", methodType(int.class, int.class));
        guest.export(Abi.FREE, guest, "free", methodType(void.class, int.class, int.class));
        return guest;
    }

    int alloc(int size) {
        int at = heap;
        heap += size;
        return at;
    }

    void free(int address, int size) {
        freed.add(address + "+" + size);
    }

    /** Exports a method of any object. */
    Guests export(String name, Object target, String method, java.lang.invoke.MethodType type)
            throws ReflectiveOperationException {
        return export(name, MethodHandles.lookup().findVirtual(target.getClass(), method, type).bindTo(target));
    }

    public Guests export(String name, MethodHandle handle) {
        exports.put(name, new HandleFunc(name, handle));
        return this;
    }

    public byte[] memory() {
        return ((ArrayMemory) exports.get("memory")).bytes;
    }

    Module module() {
        List<ExportType> types = exports.entrySet().stream()
                .map(e -> new ExportType(e.getKey(), e.getValue().entityType()))
                .toList();
        return proxy(Module.class, Map.of("exports", types, "name", "guest"));
    }

    GuestInstance instance(int generation) {
        Instance instance = answering(Instance.class, (_, method, args) -> switch (method.getName()) {
                    case "func" -> (Func) exports.get((String) args[0]);
                    case "export" -> Optional.ofNullable(exports.get((String) args[0]));
                    case "exportNames" -> List.copyOf(exports.keySet());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Store store = answering(Store.class, (_, method, _) -> switch (method.getName()) {
                    case "close" -> {
                        closed = true;
                        whenClosed.run();
                        yield null;
                    }
                    case "memoryBytes" -> 65536L;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new GuestInstance(generation, store, instance, HostSettings.DEFAULT.transfers());
    }

    /** This guest as a host function sees it. */
    public Caller caller() {
        return answering(Caller.class, (_, method, args) -> switch (method.getName()) {
                    case "memory" -> exports.get("memory");
                    case "attachment" -> null;
                    case "export" -> Optional.ofNullable(exports.get((String) args[0]));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
        return answering(type, (_, method, _) -> {
            if (!answers.containsKey(method.getName())) {
                throw new UnsupportedOperationException(method.getName());
            }
            return answers.get(method.getName());
        });
    }

    private static <T> T answering(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Guests.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private record HandleFunc(String name, MethodHandle handle) implements Func {
        @Override
        public FuncType type() {
            List<ValType> params = handle.type().parameterList().stream().map(HandleFunc::wasm).toList();
            return handle.type().returnType() == void.class
                    ? new FuncType(params, List.of())
                    : FuncType.of(params, wasm(handle.type().returnType()));
        }

        private static ValType wasm(Class<?> type) {
            return type == int.class
                    ? NumType.I32
                    : type == long.class ? NumType.I64 : type == float.class ? NumType.F32 : NumType.F64;
        }

        @Override
        public Object[] call(Object... args) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Store store() {
            throw new UnsupportedOperationException();
        }

        @Override
        public EntityType entityType() {
            return new EntityType.Func(type());
        }
    }

    private record ArrayMemory(byte[] bytes) implements Memory {
        @Override
        public MemoryType type() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long byteSize() {
            return bytes.length;
        }

        @Override
        public long size() {
            return bytes.length >> 16;
        }

        @Override
        public long grow(long pages) {
            throw new LimitExceededException("pages", pages, 0, "none");
        }

        @Override
        public MemorySegment segment() {
            return MemorySegment.ofArray(bytes);
        }

        @Override
        public byte getByte(long address) {
            return segment().get(ValueLayout.JAVA_BYTE, address);
        }

        @Override
        public short getShort(long address) {
            return segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
        }

        @Override
        public int getInt(long address) {
            return segment().get(ValueLayout.JAVA_INT_UNALIGNED, address);
        }

        @Override
        public long getLong(long address) {
            return segment().get(ValueLayout.JAVA_LONG_UNALIGNED, address);
        }

        @Override
        public void setByte(long address, byte value) {
            segment().set(ValueLayout.JAVA_BYTE, address, value);
        }

        @Override
        public void setShort(long address, short value) {
            segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
        }

        @Override
        public void setInt(long address, int value) {
            segment().set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
        }

        @Override
        public void setLong(long address, long value) {
            segment().set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
        }

        @Override
        public void read(long address, byte[] target, int offset, int length) {
            MemorySegment.copy(segment(), ValueLayout.JAVA_BYTE, address, target, offset, length);
        }

        @Override
        public void write(long address, byte[] source, int offset, int length) {
            MemorySegment.copy(source, offset, segment(), ValueLayout.JAVA_BYTE, address, length);
        }

        @Override
        public Store store() {
            throw new UnsupportedOperationException();
        }

        @Override
        public EntityType entityType() {
            return new EntityType.Memory(MemoryType.of(Limits.atLeast(1)));
        }
    }
}
