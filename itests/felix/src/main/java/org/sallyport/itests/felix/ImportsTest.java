package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Notes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.hooks.service.ListenerHook;
import org.osgi.service.cm.Configuration;
import org.sallyport.LimitExceededException;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.text.Wat;

/** Modules with very many imports, and with names that are not for terminals. */
class ImportsTest extends PluginTest {
    private static byte[] importing(int count, IntFunction<String> module, IntFunction<String> name) {
        StringBuilder text = new StringBuilder("(module");
        for (int i = 0; i < count; i++) {
            text.append(" (import \"").append(module.apply(i)).append("\" \"").append(name.apply(i)).append("\" (func))");
        }
        return Wat.compile(text.append(")").toString());
    }

    /** The filters of the plugin's service listeners. */
    private List<String> listeners(Bundle plugin) {
        List<String> filters = new CopyOnWriteArrayList<>();
        ListenerHook hook = new ListenerHook() {
            @Override
            public void added(Collection<ListenerInfo> listeners) {
                for (ListenerInfo listener : listeners) {
                    if (plugin.equals(listener.getBundleContext().getBundle())) {
                        filters.add(listener.getFilter());
                    }
                }
            }

            @Override
            public void removed(Collection<ListenerInfo> listeners) {}
        };
        context.registerService(ListenerHook.class, hook, null).unregister();
        return filters;
    }

    private HostModule functions(int count) {
        Map<String, MethodHandle> functions = new HashMap<>();
        for (int i = 0; i < count; i++) {
            functions.put("f" + i, MethodHandles.empty(MethodType.methodType(void.class)));
        }
        return plugin -> functions;
    }

    @Test
    void functionsOfOneModuleShareATracker() throws Exception {
        offer("many", HostModule.class, functions(1000));
        Configuration grant = grant("many", "(sallyport.module=many)");
        Bundle bundle = start("many", "", importing(1000, i -> "many", i -> "f" + i));
        becomes("many", PluginState.ACTIVE);
        assertThat(listeners(bundle)).hasSize(1);

        grant.delete();
        becomes("many", PluginState.UNSATISFIED);
        assertThat(listeners(bundle)).isEmpty();
        assertThat(plugin("many").unsatisfied()).hasSize(1000);
    }

    @Test
    void manyModulesMayComeAndGo() throws Exception {
        var service = offer("x", HostModule.class, functions(1));
        String[] names = new String[200];
        for (int i = 0; i < names.length; i++) {
            names[i] = "m" + i;
        }
        service.setProperties(new Hashtable<>(Map.of(HostModule.MODULE, names)));
        grant("many", "(sallyport.module=*)");
        Bundle bundle = start("many", "", importing(200, i -> "m" + i, i -> "f0"));
        becomes("many", PluginState.ACTIVE);
        assertThat(listeners(bundle)).hasSize(200);

        service.unregister();
        becomes("many", PluginState.UNSATISFIED);
        offer("x", HostModule.class, functions(1)).setProperties(
                new Hashtable<>(Map.of(HostModule.MODULE, names)));
        becomes("many", PluginState.ACTIVE);
    }

    @Test
    void moreThanThousandDifferentOnesAreRefused() throws Exception {
        byte[] wasm = importing(1001, i -> "m" + i % 7, i -> "f" + i);

        assertThatThrownBy(() -> host.install(PluginManifest.of("many"), wasm, context))
                .isInstanceOfSatisfying(LimitExceededException.class, e -> {
                    assertThat(e.asked()).isEqualTo(1001);
                    assertThat(e.allowed()).isEqualTo(1000);
                })
                .hasMessageContaining("imports of the configuration org.sallyport.host");
        assertThat(host.plugins()).isEmpty();
    }

    /** The same function many times over is one import. */
    @Test
    void repeatedImportsCountOnce() throws Exception {
        offer("many", HostModule.class, functions(1000));
        grant("many", "(sallyport.module=many)");
        start("many", "", importing(20_000, i -> "many", i -> "f" + i % 10));
        becomes("many", PluginState.ACTIVE);
    }

    @Test
    void namesAreShownInPrintableCharacters() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        String escape = "\\1b[2J\\0aplugin good is ACTIVE\\e2\\80\\ae";
        start("rude", "", importing(3, i -> i == 2 ? "notes" : escape + i, i -> i + escape + "x".repeat(90_000)));

        assertThat(plugin("rude").unsatisfied()).hasSize(3).allSatisfy(missing -> {
            assertThat(missing.toString().chars().filter(Character::isISOControl)).isEmpty();
            assertThat(missing.toString()).hasSizeLessThan(3000).doesNotContain("\u202e");
        });
        assertThatThrownBy(() -> plugin("rude").use(instance -> null))
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(4))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u001b", "\u202e"));
    }
}
