package org.sallyport.itests.real;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.sallyport.ArrayRef;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.HostFunction;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StructRef;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.NumType;

/**
 * A Java program that TeaVM 0.16 compiled to WasmGC, with what its runtime asks of a browser: strings are Java's, a function of
 * JavaScript is a {@link Function}, an object around one of the guest's a {@link Wrapper}.
 */
final class TeaVmProgram implements AutoCloseable {
    private record Function(Func body) {}

    /** A function whose text the guest gives. */
    private record Script(String parameter, String body) {}

    private record JsClass(String name) {}

    private record Wrapper(Object javaObject) {}

    private static final int MEMORY_BYTES = 64 << 20;

    private final Store store;
    private final Instance instance;
    private final StringBuilder output = new StringBuilder();
    private final Map<String, HostFunction> functions = new HashMap<>();

    TeaVmProgram(Engine engine, Module module) {
        store = engine.newStore();
        strings();
        runtime();
        instance = linker(engine, module).link(module).instantiate(store);
    }

    private Linker linker(Engine engine, Module module) {
        Linker linker = engine.newLinker();
        for (ImportType wish : module.imports()) {
            String name = wish.module() + "." + wish.name();
            switch (wish.type()) {
                case EntityType.Func(var type) -> linker.define(wish.module(), wish.name(), type, function(name));
                case EntityType.Memory(var type) -> linker.define(wish.module(), wish.name(), store.newMemory(type));
                case EntityType.Global(GlobalType type) when type.type() == NumType.I32 ->
                    linker.define(wish.module(), wish.name(), store.newGlobal(type, heap(wish.name())));
                default -> throw new AssertionError("nobody has " + wish);
            }
        }
        return linker;
    }

    private HostFunction function(String name) {
        HostFunction known = functions.get(name);
        return known != null ? known : (_, _) -> {
            throw new UnsupportedOperationException(name);
        };
    }

    private static int heap(String name) {
        return name.equals("maxSize") ? MEMORY_BYTES : 0;
    }

    /** The builtins of strings (js-string). */
    private void strings() {
        in("wasm:js-string")
                .put("fromCharCode", a -> String.valueOf((char) (int) a[0]))
                .put("charCodeAt", a -> (int) ((String) a[0]).charAt((int) a[1]))
                .put("length", a -> ((String) a[0]).length())
                .put("concat", a -> (String) a[0] + a[1])
                .put("substring", a -> ((String) a[0]).substring((int) a[1], (int) a[2]))
                .put("fromCharCodeArray", a -> {
                    char[] chars = new char[(int) a[2] - (int) a[1]];
                    ((ArrayRef) a[0]).read((int) a[1], MemorySegment.ofArray(chars));
                    return new String(chars);
                })
                .put("intoCharCodeArray", a -> {
                    String text = (String) a[0];
                    ((ArrayRef) a[1]).write((int) a[2], MemorySegment.ofArray(text.toCharArray()));
                    return text.length();
                });
    }

    private void runtime() {
        in("teavmConsole").run("putcharStdout", a -> output.append((char) (int) a[0]));
        in("teavmDate").put("currentTimeMillis", _ -> (double) System.currentTimeMillis());
        in("teavmMemory").run("notifyHeapResized", _ -> {});
        in("teavm").put("takeStackTrace", _ -> "a stack trace").run("decorateException", _ -> {});
        in("teavmJso")
                .put("stringBuiltinsSupported", _ -> 1)
                .put("isUndefined", _ -> 0)
                .put("createClass", a -> new JsClass(String.valueOf(a[0])))
                .put("defineFunction", a -> new Function((Func) a[0]))
                .run("defineStaticMethod", _ -> {})
                .put("getProperty", _ -> null)
                .put("createFunction1", a -> new Script((String) a[0], (String) a[1]))
                .put("callFunction1", a -> call((Script) a[0], a[1]))
                .put("wrapInt", a -> a[0])
                .put("unwrapInt", a -> a[0])
                .put("javaObjectToJS", a -> a[0] == null ? null : new Wrapper(a[0]))
                .put("unwrapJavaObject", a -> a[0] instanceof Wrapper wrapper ? wrapper.javaObject() : null)
                .put("wrapObject", a -> a[0] instanceof Wrapper wrapper
                        ? wrapper.javaObject()
                        : a[0] == null ? null : (StructRef) instance().func("teavm.jso.createWrapper").call(a[0])[0]);
    }

    private static Object call(Script script, Object argument) {
        if (script.body().equals("return " + script.parameter() + ";")) {
            return argument;
        }
        throw new UnsupportedOperationException(script + " of " + argument);
    }

    private Instance instance() {
        return instance;
    }

    private interface Value {
        Object of(Object[] args);
    }

    private interface Action {
        void with(Object[] args);
    }

    private Definitions in(String module) {
        return new Definitions(module);
    }

    private final class Definitions {
        private final String module;

        Definitions(String module) {
            this.module = module;
        }

        Definitions put(String name, Value value) {
            functions.put(module + "." + name, (_, args) -> new Object[] {value.of(args)});
            return this;
        }

        Definitions run(String name, Action action) {
            functions.put(module + "." + name, (_, args) -> {
                action.with(args);
                return new Object[0];
            });
            return this;
        }
    }

    /** Runs {@code main}. @return what it printed */
    String main() {
        Func main = ((Function) instance.global("main").get()).body();
        Object[] none = new Object[main.type().params().size()];
        main.call(none);
        return output.toString();
    }

    Store store() {
        return store;
    }

    @Override
    public void close() {
        store.close();
    }
}
