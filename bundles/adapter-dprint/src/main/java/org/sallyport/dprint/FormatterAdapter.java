package org.sallyport.dprint;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.BindException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.wasm.Printable;

/** Makes {@link Formatter}s. */
public final class FormatterAdapter implements PluginAdapter<Formatter> {
    private static final String VERSION = "dprint_plugin_version_4";
    private static final int MESSAGE = 10_000;

    @Override
    public Formatter adapt(Plugin plugin) {
        List<String> missing = new ArrayList<>();
        if (plugin.module().exports().stream().noneMatch(export -> export.name().equals(VERSION))) {
            missing.add("no exported function \"" + VERSION + "\": it is no formatter of dprint, or of another version");
        }
        if (!missing.isEmpty()) {
            throw new BindException(Formatter.class, plugin.module().name(), missing);
        }
        return new Adapted(plugin);
    }

    private record Adapted(Plugin plugin) implements Formatter {
        @Override
        public String info() {
            return plugin.use(instance -> Session.of(instance).info());
        }

        @Override
        public String diagnostics(String settings) {
            return plugin.use(instance -> Session.of(instance).diagnostics(settings));
        }

        @Override
        public String format(String path, String text, String settings) {
            Session.Outcome outcome = plugin.use(instance -> Session.of(instance).format(path, text, settings));
            if (outcome.failed()) { // outside of the loan: it is no fault of the instance
                throw new FormatException(Printable.text(outcome.text(), MESSAGE));
            }
            return outcome.text();
        }

        @Override
        public String toString() {
            return "formatter " + plugin.id();
        }
    }
}
