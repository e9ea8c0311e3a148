package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginState;
import org.sallyport.text.Wat;

/** Bare {@code .wasm} files and grants in a folder that File Install watches. */
class WatchedFolderTest extends FolderTest {
    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> {});
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
        Adder held = service(Adder.class, "calc");
        assertThat(held.add(5, 3)).isEqualTo(8);

        Files.setLastModifiedTime(
                Files.write(work.resolve("calc.wasm"), Wat.compile("""
                        (module (func (export "add") (param i32 i32) (result i32)
                          (i32.mul (local.get 0) (local.get 1))))
                        """)),
                FileTime.from(Instant.now().plusSeconds(2)));
        Files.move(work.resolve("calc.wasm"), folder.resolve("calc.wasm"), StandardCopyOption.REPLACE_EXISTING);
        eventually(() -> services(Adder.class, "calc").stream().anyMatch(adder -> adder.add(5, 3) == 15));
        assertThat(held.add(5, 3)).as("the service that somebody has").isEqualTo(15);
        assertThat(services(Adder.class, "calc")).containsExactly(held);

        assertThat(run("rollback calc")).contains("update of plugin calc from file:", "is ACTIVE");
        assertThat(held.add(5, 3)).isEqualTo(8);
        assertThat(run("update calc " + folder.resolve("calc.wasm").toUri())).contains("is ACTIVE");
        assertThat(held.add(5, 3)).isEqualTo(15);
    }

    /** What asks for more than it is granted leaves what is in service, until the operator has agreed. */
    @Test
    void newerFileThatAsksForMoreWaits() throws Exception {
        grant("calc", "(sallyport.module=none)");
        drop("calc.properties", text("services = " + Adder.class.getName()));
        drop("calc.wasm", Wat.compile("""
                (module (func (export "add") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))
                """));
        Adder held = service(Adder.class, "calc");
        replace("calc.wasm", PluginBundles.wasm("adder"));
        eventually(() -> host.candidates().stream().anyMatch(file -> file.state() == PluginState.WAITING));
        assertThat(run("plugins")).containsPattern("calc +WAITING +").contains("allow=(sallyport.module=notes)");
        assertThat(held.add(5, 3)).isEqualTo(15);

        grant("calc", "(sallyport.module=notes)");
        eventually(() -> held.add(5, 3) == 8);
        eventually(() -> host.candidates().isEmpty());
    }

    /** File Install says nothing of them. */
    @Test
    void filesUnderNamesThatNobodyTakesUpAreTold() throws Exception {
        drop("shout.wat", text("(module)"));
        drop("grant-shout.cfg", text("plugin = shout"));
        drop("org.sallyport.grant_shout.cfg", text("plugin = shout"));
        drop("other.cfg", text("a = b"));
        eventually(() -> host.candidates().size() == 1 && run("grants").lines().count() == 3);

        assertThat(host.candidates().getFirst().id()).isEqualTo("shout.wat");
        assertThat(host.candidates().getFirst().reason()).contains("text format", "wat2wasm");
        assertThat(run("grants"))
                .contains("grant-shout.cfg", "org.sallyport.grant_shout.cfg", "REFUSED", "call it org.sallyport.grant-NAME.cfg")
                .doesNotContain("other.cfg");
        for (String name : new String[] {"shout.wat", "grant-shout.cfg", "org.sallyport.grant_shout.cfg"}) {
            Files.delete(folder.resolve(name));
        }
        eventually(() -> host.candidates().isEmpty() && run("grants").startsWith("no grants"));
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
        assertThat(bad.reason())
                .contains("is no WebAssembly; it begins with \"this is no module\"")
                .endsWith("; replace the file, and it is tried again");
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

    private void replace(String name, byte[] contents) throws IOException {
        Path file = Files.write(work.resolve(name), contents);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(2L * ++replaced)));
        Files.move(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private int replaced;

    /** Cut off, empty, invalid, with a manifest that makes no sense: the plugin of before serves on, and people see why. */
    @Test
    void damagedUpdateLeavesTheOldPlugin() throws Exception {
        grant("calc", "(sallyport.module=notes)");
        drop("calc.properties", text("services = " + Adder.class.getName()));
        byte[] good = PluginBundles.wasm("adder");
        drop("calc.wasm", good);
        assertThat(service(Adder.class, "calc").add(5, 3)).isEqualTo(8);
        String digest = plugin("calc").origin().digest();

        byte[] invalid = Wat.compile("(module (func (export \"add\") (param i32 i32) (result i32) (local.get 0)))");
        invalid[invalid.length - 2] = 9; // no such local
        byte[][] damaged = {Arrays.copyOf(good, good.length - 3), new byte[0], text("int main(void) {}"), invalid};
        String[] reasons = {"cut off", "is empty", "is no WebAssembly", "unknown local"};
        for (int i = 0; i < damaged.length; i++) {
            String reason = reasons[i];
            replace("calc.wasm", damaged[i]);
            eventually(() -> host.candidates().stream().anyMatch(file -> file.id().equals("calc")
                    && file.state() == PluginState.REFUSED
                    && file.source().startsWith("update from file:")
                    && file.reason().contains(reason)));
            assertThat(run("plugins")).containsPattern("calc +REFUSED +").contains(reason);
            assertThat(service(Adder.class, "calc").add(5, 3)).isEqualTo(8);
            assertThat(plugin("calc").origin().digest()).isEqualTo(digest);
        }
        drop("calc.properties", text("nonsense = 1"));
        replace("calc.wasm", good);
        eventually(() -> host.candidates().stream().anyMatch(file -> file.reason().contains("unknown key nonsense")));
        assertThat(service(Adder.class, "calc").add(5, 3)).isEqualTo(8);

        Files.delete(folder.resolve("calc.properties"));
        replace("calc.wasm", good);
        eventually(() -> host.candidates().isEmpty());
        replace("calc.wasm", damaged[0]);
        eventually(() -> host.candidates().size() == 1);
        Files.delete(folder.resolve("calc.wasm"));
        eventually(() -> host.candidates().isEmpty() && host.plugins().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "\u00fcml\u00e4ut", "q\"uote", "per%20cent", "ha#sh", "new\nline", "semi;colon", "a,b=c", ""})
    void namesThatAreNoIdsAreRefusedUntilAnIdIsGiven(String name) throws Exception {
        assumeTrue(
                Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode(name),
                "this locale has no such names");
        drop(name + ".wasm", PluginBundles.wasm("adder"));
        eventually(() -> host.candidates().size() == 1);
        assertThat(host.candidates().getFirst().reason())
                .startsWith("the name of the file is no plugin's id")
                .contains("rename it, or put id = NAME into ");

        drop(name + ".properties", text("id = named"));
        replace(name + ".wasm", PluginBundles.wasm("adder"));
        appears("named");
        eventually(() -> host.candidates().isEmpty());
    }

    @Test
    void suffixInCapitalsIsOne() throws Exception {
        drop("Shout.WASM", PluginBundles.wasm("adder"));
        appears("Shout");
    }

    /** Java cannot write such a name, and takes the file for one that is not there. */
    @Test
    void namesThatAreNoTextAreRefused() throws Exception {
        Path source = Files.write(work.resolve("source"), PluginBundles.wasm("adder"));
        String[] shell = {"sh", "-c", "mv \"$0\" \"$1/$(printf 'non\\377utf')\".wasm", source.toString(), folder.toString()};
        assertThat(new ProcessBuilder(shell).inheritIO().start().waitFor()).isZero();

        eventually(() -> host.candidates().size() == 1);
        assertThat(host.candidates().getFirst().reason()).contains("its name has bytes that are no text", "rename the file");
        String[] away = {"sh", "-c", "rm \"$0\"/*", folder.toString()};
        assertThat(new ProcessBuilder(away).inheritIO().start().waitFor()).isZero();
        eventually(() -> host.candidates().isEmpty());
    }

    @Test
    void idInTwoFilesIsTheFirstOnes() throws Exception {
        drop("first.properties", text("id = twice"));
        drop("second.properties", text("id = twice"));
        drop("first.wasm", PluginBundles.wasm("adder"));
        appears("twice");
        drop("second.wasm", PluginBundles.wasm("adder"));
        eventually(() -> host.plugins().size() == 2 && host.plugins().getLast().state() == PluginState.CONFLICT);

        assertThat(plugin("twice").origin().location()).endsWith("/first.wasm");
        assertThat(host.plugins().getLast().conflict()).contains("/first.wasm", "/second.wasm");
        Files.delete(folder.resolve("first.wasm"));
        eventually(() -> host.plugins().size() == 1
                && host.plugin("twice").filter(plugin -> plugin.origin().location().endsWith("/second.wasm")).isPresent());
        eventually(() -> plugin("twice").conflict() == null);
    }

    /** A copy that takes its time: each halt of it costs one message at most, and in the end the plugin is there. */
    @Test
    void filesThatAreStillBeingCopiedAreNoStorm() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        var handler = context.registerService(
                EventHandler.class,
                event -> told.add(String.valueOf(event.getProperty("message"))),
                new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, "org/sallyport/plugin/REFUSED")));
        afterwards(() -> {
            handler.unregister();
            return null;
        });
        byte[] wasm = PluginBundles.wasm("adder");
        int pieces = 5;
        try (var out = Files.newOutputStream(folder.resolve("slow.wasm"))) {
            for (int i = 0; i < pieces; i++) {
                out.write(wasm, wasm.length * i / pieces, wasm.length * (i + 1) / pieces - wasm.length * i / pieces);
                Thread.sleep(400); // File Install looks each 100 ms
            }
        }
        appears("slow");
        eventually(() -> host.candidates().isEmpty());
        assertThat(told).hasSizeLessThanOrEqualTo(pieces);
    }
}
