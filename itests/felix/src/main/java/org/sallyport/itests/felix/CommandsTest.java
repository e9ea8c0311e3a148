package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.text.Wat;

/** What an operator sees in the Gogo shell. */
class CommandsTest extends PluginTest {
    @Test
    void tellPluginsWithStateAndReason() throws Exception {
        assertThat(run("plugins")).isEqualTo("no plugins");
        offer("notes", Notes.class, (caller, value) -> {});
        start("adder", services(Adder.class));

        assertThat(run("plugins").lines())
                .hasSize(2)
                .element(1).asString()
                .matches("adder +UNSATISFIED +0 +0 +0 +0 +0 +0 +1 import is not bound, 1 offer is not granted");
        assertThat(run("plugin adder"))
                .startsWith("plugin adder is UNSATISFIED\n  because \"notes\" \"note\": not granted")
                .contains(
                        "manifest\n  services [com.acme.itests.Adder]\n",
                        "exports\n  \"add\": func (i32 i32) -> (i32)");
        assertThat(run("grants")).startsWith("no grants");
        assertThat(run("hosts")).contains("notes", "org.sallyport.itests.felix", "Notes]", "[]");

        grant("adder", "(sallyport.module=notes)", "timeout", 4000L, "attribute.colour", "blue");
        service(Adder.class, "adder").add(1, 1);
        assertThat(run("plugins")).containsPattern("adder +ACTIVE +1 +0 +0 +0 +1");
        assertThat(run("plugin adder"))
                .contains(
                        "rights\n  allow = [(sallyport.module=notes)]\n  colour = blue\n"
                                + "  exceptions = 1048576\n  max-traps = 100\n  memory",
                        "\n  location test:adder\n  digest ");
        assertThat(run("grants")).contains("adder -> [adder]", "(sallyport.module=notes)", "4000 ms", "{colour=blue}");
        assertThat(run("hosts")).contains("[test.adder]");
    }

    @Test
    void installBareModulesAndRestart(@TempDir Path folder) throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("sum", "(sallyport.module=notes)");
        Path file = Files.write(folder.resolve("sum.wasm"), PluginBundles.withSection(
                PluginBundles.wasm("adder"), "sallyport", "services=" + Adder.class.getName()));
        afterwards(() -> {
            for (Bundle bundle : context.getBundles()) {
                if (bundle.getLocation().startsWith("sallyport:")) {
                    bundle.uninstall();
                }
            }
            return null;
        });

        assertThat(run("install " + file.toUri())).contains("sallyport.plugin.sum").containsPattern("sum +");
        assertThat(service(Adder.class, "sum").add(2, 3)).isEqualTo(5);
        assertThat(run("restart sum")).isEqualTo("plugin sum is ACTIVE");
        becomes("sum", PluginState.ACTIVE);
        assertThat(Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName)).contains("sallyport.plugin.sum");
    }

    /** A call that cannot be made is none, and none is counted. */
    @Test
    void callsThatFailShowWhereInTheGuest() throws Exception {
        start("div", "", Wat.compile("""
                (module
                  (func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
                  (func (export "div") (param i32) (result i32) (call $inner (local.get 0))))
                """));
        becomes("div", PluginState.ACTIVE);
        assertThat(run("call div div 0"))
                .matches("integer divide by zero.*\\n  at \\S+ @ 0x[0-9a-f]+\\n  at \\S+!div @ 0x[0-9a-f]+");
        assertThat(run("call div div 1 2")).contains("found 2 arguments");
        assertThat(plugin("div").counters().calls()).isEqualTo(1);
    }

    @Test
    void sayWhatThereIsInstead() throws Exception {
        start("adder", "");

        assertThat(run("plugin ader")).contains("there is no plugin ader; there are [adder]");
    }

    @Test
    void sayHowTheyAreUsed() throws Exception {
        start("adder", "");

        assertThat(run("plugin")).isEqualTo(
                "sallyport:plugin takes the id of a plugin, found nothing; plugins are [adder]");
        assertThat(run("restart a b")).isEqualTo(
                "sallyport:restart takes the id of a plugin, found [a, b]; plugins are [adder]");
        assertThat(run("plugins adder")).isEqualTo("sallyport:plugins takes no arguments, found [adder]");
        assertThat(run("install")).contains("takes the address of a bundle");
        assertThat(run("call adder")).contains("takes the id of a plugin, the name of an export and");
        assertThat(run("install 'a b.wasm'")).contains("a blank is %20");
    }

    @Test
    void callExports() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        start("adder", "");
        assertThat(run("call adder add 1 2")).startsWith("plugin adder is UNSATISFIED");
        grant("adder", "(sallyport.module=notes)");
        becomes("adder", PluginState.ACTIVE);

        assertThat(run("call adder add 20 0x16")).isEqualTo("42");
        assertThat(run("call adder add -1 1")).isEqualTo("0");
        assertThat(run("call adder add 1")).contains("found 1 arguments: [1]");
        assertThat(run("call adder add 1 x")).isEqualTo("add takes a number of type i32, found \"x\"");
        assertThat(run("call adder sub 1 2")).isEqualTo("it exports no function sub; there are [add]");
    }

    @Test
    void showOnlyWhatTheManifestSays() throws Exception {
        start("bare", "", PluginBundles.wasm("adder"));
        start("asks", ";policy=serialized;max-traps=7;timeout=20", PluginBundles.wasm("adder"));

        assertThat(run("plugin bare")).doesNotContain("manifest\n", "pool 2", "max-traps 0");
        assertThat(run("plugin asks")).contains("manifest\n  policy SERIALIZED, pool 2\n  max-traps 7\n  timeout 20\n");
    }

    /** All that does not fit is told, in one row. */
    @Test
    void tellWhyAnInterfaceDoesNotFit() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        grant("adder", "(sallyport.module=notes)");
        start("adder", services(com.acme.itests.Worker.class));
        becomes("adder", PluginState.QUARANTINED);

        assertThat(run("plugins").lines().filter(line -> line.startsWith("adder")).toList()).singleElement().asString()
                .contains("Worker does not fit", "; ", "\"deep-down\" (i32) -> (i32)");
    }

    @Test
    void sayWhyThereIsNoPluginHost() throws Exception {
        Bundle engine = Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getSymbolicName().equals("org.sallyport.validator"))
                .findFirst()
                .orElseThrow();
        engine.stop();
        try {
            assertThat(run("plugins"))
                    .startsWith("there is no plugin host")
                    .contains("PluginHostComponent needs org.sallyport.Engine")
                    .contains("EngineComponent needs org.sallyport.spi.Validator");
            assertThat(run("call a b")).startsWith("there is no plugin host");
            assertThat(run("grants")).startsWith("no grants");
        } finally {
            engine.start();
        }
        eventually(() -> context.getServiceReference(BundlePluginHost.class) != null);
        host = context.getService(context.getServiceReference(BundlePluginHost.class));
        eventually(() -> run("plugins").equals("no plugins"));
    }

    /** An operator who reads the log learns of a plugin that waits for a grant, not only of one that changes. */
    @Test
    void arrivalIsTold() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        var handler = context.registerService(
                EventHandler.class,
                event -> told.add(event.getProperty(Plugin.ID) + " " + event.getProperty("message")),
                new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, "org/sallyport/plugin/STATE")));
        afterwards(() -> {
            handler.unregister();
            return null;
        });
        start("waits", "", PluginBundles.wasm("adder"));

        eventually(() -> told.stream().anyMatch(event -> event.startsWith("waits is UNSATISFIED\n  \"notes\" \"note\"")));
    }
}
