package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.DprintExports;
import com.acme.itests.DprintHost;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.osgi.service.cm.Configuration;
import org.sallyport.Caller;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.itests.inputs.RealInputs;

/**
 * Plugins that others made, unchanged: dprint's Markdown formatter, whose four imports are a granted service here, and
 * behind that service dprint's JSON formatter, another plugin. A call goes plugin, host, plugin.
 */
class FormattersTest extends PluginTest {
    private static final String MARKDOWN = """
            Title
            =====

            * one
            * two

            ```json
            {"a":1,"b":[1,2,{"c":null}]}
            ```

            ```json
            { broken
            ```
            """;
    private static final String FORMATTED = """
            # Title

            - one
            - two

            ```json
            { "a": 1, "b": [1, 2, { "c": null }] }
            ```

            ```json
            { broken
            ```
            """;

    /** @param outcome 0 unchanged, 1 changed, 2 fault */
    private record Formatted(int outcome, String text) {}

    /** dprint's protocol: text goes in and out through the plugin's memory, in several calls of one instance. */
    private static Formatted format(Plugin plugin, String path, String text) {
        return plugin.use(instance -> {
            DprintExports exports = exports(instance);
            send(instance, exports, path);
            exports.set_file_path();
            send(instance, exports, text);
            return switch (exports.format(1)) {
                case 0 -> new Formatted(0, text);
                case 1 -> new Formatted(1, receive(instance, exports, exports.get_formatted_text()));
                default -> new Formatted(2, receive(instance, exports, exports.get_error_text()));
            };
        });
    }

    /** Configured once for each instance. */
    private static DprintExports exports(Instance instance) {
        DprintExports known = instance.store().attachment(DprintExports.class);
        if (known != null) {
            return known;
        }
        DprintExports exports = instance.bind(DprintExports.class);
        instance.store().attach(DprintExports.class, exports);
        send(instance, exports, "{\"plugin\":{},\"global\":{}}");
        exports.register_config(1);
        return exports;
    }

    private static void send(Instance instance, DprintExports exports, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int address = exports.clear_shared_bytes(bytes.length);
        instance.memory("memory").writeBytes(Integer.toUnsignedLong(address), bytes);
    }

    private static String receive(Instance instance, DprintExports exports, int length) {
        return instance.memory("memory").readString(Integer.toUnsignedLong(exports.get_shared_bytes_ptr()), length);
    }

    /** Delegates blocks of JSON to the plugin {@code json}; remembers for each caller what it will fetch. */
    private final class Blocks implements DprintHost {
        @Override
        public int host_format(
                Caller caller, int path, int pathLength, int start, int end, int settings, int settingsLength, int text,
                int textLength) {
            Memory memory = caller.memory();
            if (!memory.readString(Integer.toUnsignedLong(path), pathLength).endsWith(".json")) {
                return 0;
            }
            calls.add(caller.attachment(PluginIdentity.class).id());
            String block = memory.readString(Integer.toUnsignedLong(text), textLength);
            Plugin json = host.plugin("json").orElseThrow(() -> new IllegalStateException("no formatter of JSON"));
            Formatted formatted = format(json, "block.json", block);
            caller.store().attach(byte[].class, formatted.text().getBytes(StandardCharsets.UTF_8));
            return formatted.outcome();
        }

        @Override
        public int host_get_formatted_text(Caller caller) {
            return caller.attachment(byte[].class).length;
        }

        @Override
        public int host_get_error_text(Caller caller) {
            return caller.attachment(byte[].class).length;
        }

        @Override
        public void host_write_buffer(Caller caller, int address) {
            caller.memory().writeBytes(Integer.toUnsignedLong(address), caller.attachment(byte[].class));
        }
    }

    private final List<String> calls = new CopyOnWriteArrayList<>();

    private Plugin install(PluginManifest manifest, byte[] wasm) {
        Plugin plugin = host.install(manifest, wasm, context);
        afterwards(() -> {
            host.uninstall(plugin);
            return null;
        });
        return plugin;
    }

    @Test
    void pluginCallsHostCallsPlugin() throws Exception {
        offer("dprint", DprintHost.class, new Blocks());
        install(PluginManifest.of("json").withPolicy(EntryPolicy.SERIALIZED), RealInputs.dprintJson());
        Plugin markdown = install(PluginManifest.of("markdown"), RealInputs.dprintMarkdown());

        assertThat(markdown.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(markdown.unsatisfied())
                .extracting(missing -> missing.kind() + " " + missing.wanted().name())
                .containsExactlyInAnyOrder(
                        "NOT_GRANTED host_format",
                        "NOT_GRANTED host_get_formatted_text",
                        "NOT_GRANTED host_get_error_text",
                        "NOT_GRANTED host_write_buffer");
        assertThatThrownBy(() -> format(markdown, "a.md", MARKDOWN)).isInstanceOf(PluginUnavailableException.class);

        Configuration grant = grant("markdown", "(sallyport.module=dprint)");
        becomes("markdown", PluginState.ACTIVE);
        for (int round = 0; round < 3; round++) {
            assertThat(format(markdown, "a.md", MARKDOWN)).isEqualTo(new Formatted(1, FORMATTED));
            assertThat(format(markdown, "a.md", FORMATTED).outcome()).isZero();
        }
        assertThat(calls).hasSize(12).containsOnly("markdown");
        assertThat(plugin("json").counters().calls()).isEqualTo(12);

        grant.delete();
        becomes("markdown", PluginState.UNSATISFIED);
        assertThatThrownBy(() -> format(markdown, "a.md", MARKDOWN)).isInstanceOf(PluginUnavailableException.class);
    }

    /** The inner plugin goes while the outer one is in use: its next block fails, and nothing hangs. */
    @Test
    void lossOfTheInnerPluginIsSeenByTheApplication() throws Exception {
        offer("dprint", DprintHost.class, new Blocks());
        grant("markdown", "(sallyport.module=dprint)");
        Plugin json = install(PluginManifest.of("json").withPolicy(EntryPolicy.SERIALIZED), RealInputs.dprintJson());
        Plugin markdown = install(PluginManifest.of("markdown"), RealInputs.dprintMarkdown());
        becomes("markdown", PluginState.ACTIVE);
        assertThat(format(markdown, "a.md", MARKDOWN).outcome()).isEqualTo(1);
        host.uninstall(json);

        assertThatThrownBy(() -> format(markdown, "a.md", MARKDOWN))
                .isInstanceOf(HostFunctionException.class)
                .hasRootCauseMessage("no formatter of JSON");
    }
}
