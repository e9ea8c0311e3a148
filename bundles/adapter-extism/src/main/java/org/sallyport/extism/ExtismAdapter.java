package org.sallyport.extism;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.BindException;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Instance;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Printable;

/** Makes {@link ExtismPlugin}s. */
public final class ExtismAdapter implements PluginAdapter<ExtismPlugin> {
    private static final FuncType ANSWERS = FuncType.of(List.of(), NumType.I32);
    private static final FuncType SILENT = FuncType.of(List.of());

    @Override
    public ExtismPlugin adapt(Plugin plugin) {
        if (plugin.module().imports().stream().noneMatch(wanted -> wanted.module().equals(ExtismModule.NAME))) {
            throw new BindException(
                    ExtismPlugin.class, plugin.module().name(),
                    List.of("no import from \"" + ExtismModule.NAME + "\": it is no plug-in of Extism 1"));
        }
        return new Adapted(plugin, functions(plugin));
    }

    /** The names of those that can be called, and whether they answer with a number. */
    private static Map<String, Boolean> functions(Plugin plugin) {
        Map<String, Boolean> functions = new TreeMap<>();
        for (ExportType export : plugin.module().exports()) {
            if (!export.name().startsWith("_")
                    && export.type() instanceof EntityType.Func func
                    && (func.type().equals(ANSWERS) || func.type().equals(SILENT))) {
                functions.put(export.name(), func.type().equals(ANSWERS));
            }
        }
        return functions;
    }

    private record Outcome(int code, byte[] output, String message) {}

    private record Adapted(Plugin plugin, Map<String, Boolean> functions) implements ExtismPlugin {
        @Override
        public boolean has(String function) {
            return functions.containsKey(function);
        }

        @Override
        public byte[] call(String function, byte[] input) {
            Boolean answers = functions.get(function);
            if (answers == null) {
                throw new IllegalArgumentException("plugin " + plugin.id() + " has no function " + Printable.name(function)
                        + ", it has " + functions.keySet());
            }
            Outcome outcome = plugin.use(instance -> call(instance, function, answers, input));
            if (outcome.code() != 0) { // outside of the loan: it is no fault of the instance
                throw new ExtismException(
                        outcome.code(), "plugin " + plugin.id() + ", " + function + ": " + outcome.message());
            }
            return outcome.output();
        }

        private static Outcome call(Instance instance, String function, boolean answers, byte[] input) {
            Kernel kernel = Kernel.of(instance.store());
            kernel.begin(input);
            Object[] results = instance.func(function).call();
            int code = answers ? (int) results[0] : 0;
            String message = kernel.message();
            if (code == 0 && message == null) {
                return new Outcome(0, kernel.output(), "");
            }
            return new Outcome(code == 0 ? -1 : code, new byte[0], message == null ? "it returned " + code : message);
        }

        @Override
        public String toString() {
            return "Extism plug-in " + plugin.id();
        }
    }
}
