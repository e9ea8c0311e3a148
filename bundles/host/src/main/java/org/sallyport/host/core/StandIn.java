package org.sallyport.host.core;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sallyport.Caller;
import org.sallyport.contract.Abi;
import org.sallyport.contract.HostCall;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/**
 * Writes the module that a {@link Rehearsal} calls: a memory of one page and exports that call every import with zeros
 * and return constants. As a buffer, each constant is one byte long and inside of the memory.
 */
final class StandIn {
    /** Module of the imports. */
    static final String IMPORTS = "host";

    /** No method can be called like this. */
    private static final String MEMORY = "the memory";

    private static final int ADDRESS = 16;
    private static final int I32_CONST = 0x41;
    private static final int I64_CONST = 0x42;
    private static final int F32_CONST = 0x43;
    private static final int F64_CONST = 0x44;
    private static final int CALL = 0x10;
    private static final int DROP = 0x1a;
    private static final int END = 0x0b;

    /** What a host function does: reads the guest's memory. */
    static final MethodHandle LOOK;

    static {
        try {
            LOOK = MethodHandles.lookup()
                    .findStatic(StandIn.class, "look", MethodType.methodType(void.class, Caller.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final List<FuncType> imports;
    private final Map<String, FuncType> exports;
    private final List<FuncType> types;

    private StandIn(List<FuncType> imports, Map<String, FuncType> exports) {
        this.imports = imports;
        this.exports = exports;
        Set<FuncType> all = new LinkedHashSet<>(imports);
        all.addAll(exports.values());
        types = List.copyOf(all);
    }

    /**
     * @param imports over numbers, with at most one result; their names are {@link #name}
     * @param exports likewise
     */
    static byte[] module(List<FuncType> imports, Map<String, FuncType> exports) {
        return new StandIn(imports, exports).write();
    }

    /** The name of an import. */
    static String name(int index) {
        return Integer.toString(index);
    }

    private static void look(Caller caller) {
        HostCall.look(caller, ADDRESS, 1);
    }

    private byte[] write() {
        Bytes all = new Bytes();
        all.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        all.section(1, types(), types.size());
        all.section(2, imports(), imports.size());
        Bytes functions = new Bytes();
        exports.values().forEach(type -> functions.number(types.indexOf(type)));
        all.section(3, functions, exports.size());
        Bytes memory = new Bytes();
        memory.writeBytes(new byte[] {1, 1, 1}); // with a maximum, from 1 page to 1 page
        all.section(5, memory, 1);
        all.section(7, exports(), exports.size() + 1);
        all.section(10, bodies(), exports.size());
        return all.toByteArray();
    }

    private Bytes types() {
        Bytes out = new Bytes();
        for (FuncType type : types) {
            out.write(0x60);
            out.values(type.params());
            out.values(type.results());
        }
        return out;
    }

    private Bytes imports() {
        Bytes out = new Bytes();
        for (int i = 0; i < imports.size(); i++) {
            out.text(IMPORTS);
            out.text(name(i));
            out.write(0);
            out.number(types.indexOf(imports.get(i)));
        }
        return out;
    }

    private Bytes exports() {
        Bytes out = new Bytes();
        int index = imports.size();
        for (String name : exports.keySet()) {
            out.text(name);
            out.write(0);
            out.number(index++);
        }
        out.text(MEMORY);
        out.write(2);
        out.number(0);
        return out;
    }

    private Bytes bodies() {
        Bytes out = new Bytes();
        exports.forEach((name, type) -> {
            Bytes body = new Bytes();
            body.number(0); // no locals
            if (!name.equals(Abi.ALLOC) && !name.equals(Abi.FREE)) {
                callImports(body);
            }
            type.results().forEach(result -> constant(body, result, true));
            body.write(END);
            out.number(body.size());
            out.writeBytes(body.toByteArray());
        });
        return out;
    }

    private void callImports(Bytes body) {
        for (int i = 0; i < imports.size(); i++) {
            FuncType type = imports.get(i);
            type.params().forEach(param -> constant(body, param, false));
            body.write(CALL);
            body.number(i);
            type.results().forEach(_ -> body.write(DROP));
        }
    }

    /** @param buffer whether the value is an address, or an address with its length; else it is 0 */
    private static void constant(Bytes body, ValType type, boolean buffer) {
        switch ((NumType) type) {
            case I32 -> {
                body.write(I32_CONST);
                body.signed(buffer ? ADDRESS : 0);
            }
            case I64 -> {
                body.write(I64_CONST);
                body.signed(buffer ? Abi.pack(ADDRESS, 1) : 0);
            }
            case F32 -> {
                body.write(F32_CONST);
                body.writeBytes(new byte[4]);
            }
            case F64 -> {
                body.write(F64_CONST);
                body.writeBytes(new byte[8]);
            }
        }
    }

    /** Numbers are in LEB128 (WebAssembly 3.0, 5.2.2). */
    private static final class Bytes extends ByteArrayOutputStream {
        void number(int value) {
            int rest = value;
            while (rest >= 0x80) {
                write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            write(rest);
        }

        void signed(long value) {
            long rest = value;
            while (rest < -64 || rest > 63) {
                write((int) rest & 0x7f | 0x80);
                rest >>= 7;
            }
            write((int) rest & 0x7f);
        }

        void text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            number(bytes.length);
            writeBytes(bytes);
        }

        void values(List<ValType> list) {
            number(list.size());
            for (ValType type : list) {
                write(switch ((NumType) type) {
                    case I32 -> 0x7f;
                    case I64 -> 0x7e;
                    case F32 -> 0x7d;
                    case F64 -> 0x7c;
                });
            }
        }

        void section(int id, Bytes contents, int count) {
            if (count == 0) {
                return;
            }
            Bytes counted = new Bytes();
            counted.number(count);
            counted.writeBytes(contents.toByteArray());
            write(id);
            number(counted.size());
            writeBytes(counted.toByteArray());
        }
    }
}
