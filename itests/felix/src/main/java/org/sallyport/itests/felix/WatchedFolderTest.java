package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginState;
import org.sallyport.text.Wat;

/** Bare {@code .wasm} files and grants in a folder that File Install watches. */
class WatchedFolderTest extends PluginTest {
    @TempDir
    Path folder;

    @TempDir
    Path work;

    @BeforeEach
    void watch() throws IOException {
        Configuration configuration =
                configurations.createFactoryConfiguration("org.apache.felix.fileinstall", "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("felix.fileinstall.dir", folder.toString());
        properties.put("felix.fileinstall.poll", "100");
        properties.put("felix.fileinstall.noInitialDelay", "true");
        properties.put("felix.fileinstall.enableConfigSave", "false"); // a file that was deleted would be written again
        properties.put("felix.fileinstall.tmpdir", work.resolve("tmp").toString());
        afterwards(() -> {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            eventually(() -> host.plugins().isEmpty());
            configuration.delete();
            return null;
        });
        configuration.update(properties);
        offer("notes", Notes.class, (caller, value) -> {});
    }

    /** Moved in whole, so that no half of a file is seen. */
    private void drop(String name, byte[] contents) throws IOException {
        Path complete = Files.write(work.resolve(name), contents);
        Files.move(complete, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static byte[] text(String... lines) {
        return String.join("\n", lines).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private void appears(String id) throws Exception {
        eventually(() -> host.plugin(id).isPresent());
    }

    @Test
    void manifestBesideTheModule() throws Exception {
        drop("sum.properties", text(
                "id = acme.sum",
                "services = " + Adder.class.getName(),
                "ask.notes = (sallyport.module=no*)",
                "policy = serialized",
                "timeout = 2500"));
        drop("sum.wasm", PluginBundles.wasm("adder"));
        appears("acme.sum");
        drop("org.sallyport.grant-sum.cfg", text(
                "plugin = acme.sum",
                "allow = (sallyport.module=notes)",
                "offer = " + Adder.class.getName(),
                "timeout = 70"));

        assertThat(service(Adder.class, "acme.sum").add(3, 4)).isEqualTo(7);
        assertThat(plugin("acme.sum").manifest().policy()).isEqualTo(EntryPolicy.SERIALIZED);
        assertThat(plugin("acme.sum").manifest().timeout()).isEqualTo(Duration.ofMillis(2500));
        assertThat(plugin("acme.sum").rights()).containsEntry("timeout", 70L);

        Files.delete(folder.resolve("org.sallyport.grant-sum.cfg"));
        becomes("acme.sum", PluginState.UNSATISFIED);
        Files.delete(folder.resolve("sum.wasm"));
        eventually(() -> host.plugins().isEmpty());
    }

    @Test
    void manifestInsideOfTheModule() throws Exception {
        grant("outer-name", "(sallyport.module=notes)");
        drop("outer-name.wasm", PluginBundles.withSection(
                PluginBundles.wasm("adder"),
                "sallyport",
                "id=inner\nservices=" + Adder.class.getName() + "\npool=5\n"));

        assertThat(service(Adder.class, "outer-name").add(3, 4)).isEqualTo(7);
        assertThat(plugin("outer-name").manifest().pool()).isEqualTo(5);
        assertThat(plugin("outer-name").origin().location()).isEqualTo(
                folder.resolve("outer-name.wasm").toFile().toURI().toString());
        assertThat(host.plugin("inner")).isEmpty();
    }

    @Test
    void moduleAlone() throws Exception {
        drop("plain.wasm", PluginBundles.wasm("adder"));
        appears("plain");

        assertThat(plugin("plain").state()).isEqualTo(PluginState.UNSATISFIED);
        grant("plain", "(sallyport.module=notes)");
        becomes("plain", PluginState.ACTIVE);
        assertThat(plugin("plain").as(Adder.class).add(1, 2)).isEqualTo(3);
    }

    @Test
    void newerFileReplaces() throws Exception {
        grant("calc", "(sallyport.module=notes)");
        drop("calc.properties", text("services = " + Adder.class.getName()));
        drop("calc.wasm", PluginBundles.wasm("adder"));
        assertThat(service(Adder.class, "calc").add(5, 3)).isEqualTo(8);

        Files.setLastModifiedTime(
                Files.write(work.resolve("calc.wasm"), Wat.compile("""
                        (module (func (export "add") (param i32 i32) (result i32)
                          (i32.mul (local.get 0) (local.get 1))))
                        """)),
                FileTime.from(Instant.now().plusSeconds(2)));
        Files.move(work.resolve("calc.wasm"), folder.resolve("calc.wasm"), StandardCopyOption.REPLACE_EXISTING);
        eventually(() -> services(Adder.class, "calc").stream().anyMatch(adder -> adder.add(5, 3) == 15));
    }

    @Test
    void filesThatAreNoModulesDoNoHarm() throws Exception {
        drop("bad.wasm", text("this is no module"));
        drop("evil.properties", text("id = evil\\nBundle-Activator: x"));
        drop("evil.wasm", PluginBundles.wasm("adder"));
        drop("good.wasm", PluginBundles.wasm("adder"));
        appears("good");

        assertThat(host.plugins()).hasSize(1);
        eventually(() -> host.candidates().stream().map(PluginCandidate::state).toList()
                .equals(List.of(PluginState.REFUSED, PluginState.REFUSED)));
        PluginCandidate bad = host.candidates().getFirst();
        assertThat(bad.id()).isEqualTo("bad");
        assertThat(bad.source()).isEqualTo("file " + folder.resolve("bad.wasm"));
        assertThat(bad.state()).isEqualTo(PluginState.REFUSED);
        assertThat(bad.reason()).contains("magic").endsWith("; replace the file, and it is tried again");
        assertThat(host.candidates().getLast().reason())
                .contains("the properties file beside it, " + folder.resolve("evil.properties") + ", makes no sense")
                .contains("a plugin's id is 1 to 128 letters")
                .doesNotContain("replace the file");
        Files.setLastModifiedTime(
                Files.write(work.resolve("bad.wasm"), PluginBundles.wasm("adder")),
                FileTime.from(Instant.now().plusSeconds(2)));
        Files.move(work.resolve("bad.wasm"), folder.resolve("bad.wasm"), StandardCopyOption.REPLACE_EXISTING);
        appears("bad");
        Files.delete(folder.resolve("evil.wasm"));
        eventually(() -> host.candidates().isEmpty());
    }
}
