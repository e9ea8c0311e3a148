package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.test.common.annotation.InjectService;
import org.sallyport.host.PluginState;

/** What an operator sees in the Gogo shell. */
class CommandsTest extends PluginTest {
    @InjectService
    CommandProcessor shell;

    private String run(String command) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CommandSession session = shell.createSession(new ByteArrayInputStream(new byte[0]), out, out)) {
            return String.valueOf(session.execute("sallyport:" + command));
        }
    }

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
                        "  services [com.acme.itests.Adder]",
                        "exports\n  \"add\": func (i32 i32) -> (i32)");
        assertThat(run("grants")).startsWith("no grants");
        assertThat(run("hosts")).contains("notes", "org.sallyport.itests.felix", "Notes]  []");

        grant("adder", "(sallyport.module=notes)", "timeout", 4000L, "attribute.colour", "blue");
        service(Adder.class, "adder").add(1, 1);
        assertThat(run("plugins")).containsPattern("adder +ACTIVE +1 +0 +0 +0 +1");
        assertThat(run("plugin adder"))
                .contains(
                        "rights\n  allow = [(sallyport.module=notes)]\n  colour = blue\n  max-traps = 100\n  memory",
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

    @Test
    void sayWhatThereIsInstead() throws Exception {
        start("adder", "");

        assertThatThrownBy(() -> run("plugin ader")).hasMessageContaining("there is no plugin ader; there are [adder]");
    }
}
