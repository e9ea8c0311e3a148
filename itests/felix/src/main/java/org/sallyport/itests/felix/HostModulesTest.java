package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Gate;
import com.acme.itests.Notes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.Caller;
import org.sallyport.HostFunctionException;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedImport.Kind;
import org.sallyport.text.Wat;

/** Services behind imports come, go, are replaced, do not fit, and see who calls. */
class HostModulesTest extends PluginTest {
    private final List<String> noted = new CopyOnWriteArrayList<>();

    private Notes notes(String name) {
        return (caller, value) -> noted.add(name + " " + value);
    }

    private UnsatisfiedImport missing(String plugin) {
        assertThat(plugin(plugin).unsatisfied()).hasSize(1);
        return plugin(plugin).unsatisfied().getFirst();
    }

    @Test
    void serviceLeavesAndReturns() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        start("adder", services(Adder.class));
        assertThat(missing("adder").kind()).isEqualTo(Kind.NO_SERVICE);
        assertThat(missing("adder").reason()).contains("no host module matches (sallyport.module=notes)");

        ServiceRegistration<Notes> first = offer("notes", Notes.class, notes("first"));
        Adder adder = service(Adder.class, "adder");
        adder.add(1, 2);
        first.unregister();
        becomes("adder", PluginState.UNSATISFIED);
        assertThatThrownBy(() -> adder.add(3, 4)).isInstanceOf(PluginUnavailableException.class);
        offer("notes", Notes.class, notes("second"));
        becomes("adder", PluginState.ACTIVE);
        adder.add(5, 6);

        assertThat(noted).containsExactly("first 3", "second 11");
    }

    /** The better one is used from its arrival on; the plugin stays in service, and its instance alive. */
    @Test
    void higherRankingReplaces() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        ServiceRegistration<Notes> plain = offer("notes", Notes.class, notes("plain"));
        start("adder", services(Adder.class));
        Adder adder = service(Adder.class, "adder");
        adder.add(0, 1);
        ServiceRegistration<Notes> better =
                offer("notes", Notes.class, notes("better"), Constants.SERVICE_RANKING, 10);
        adder.add(0, 2);
        plain.setProperties(new Hashtable<>(Map.of(HostModule.MODULE, "notes", Constants.SERVICE_RANKING, 20)));
        adder.add(0, 3);
        plain.setProperties(new Hashtable<>(Map.of(HostModule.MODULE, "notes", Constants.SERVICE_RANKING, 5)));
        adder.add(0, 4);
        better.unregister();
        adder.add(0, 5);

        assertThat(noted).containsExactly("plain 1", "better 2", "plain 3", "better 4", "plain 5");
        assertThat(plugin("adder").state()).isEqualTo(PluginState.ACTIVE);
        assertThat(plugin("adder").counters().instances()).isEqualTo(1);
    }

    /** A service stops to match when its properties change. */
    @Test
    void propertiesThatChangeCount() throws Exception {
        grant("adder", "(level=info)");
        ServiceRegistration<Notes> service = offer("notes", Notes.class, notes("n"), "level", "info");
        start("adder", services(Adder.class));
        becomes("adder", PluginState.ACTIVE);

        service.setProperties(new Hashtable<>(Map.of(HostModule.MODULE, "notes", "level", "debug")));
        becomes("adder", PluginState.UNSATISFIED);
        assertThat(missing("adder").kind()).isEqualTo(Kind.NOT_GRANTED);
    }

    public interface OddNotes {
        long note(int value);
    }

    @Test
    void wrongTypeIsNamed() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        offer("notes", OddNotes.class, value -> value);
        start("adder", services(Adder.class));
        eventually(() -> missing("adder").kind() == Kind.WRONG_TYPE);

        assertThat(missing("adder").reason()).contains("(Caller,int)long").contains("wanted (Caller,int)void");
    }

    @Test
    void absentFunctionIsNamed() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        offer("notes", Gate.class, ticket -> ticket);
        start("adder", services(Adder.class));
        eventually(() -> missing("adder").kind() == Kind.NO_FUNCTION);

        assertThat(missing("adder").reason()).endsWith("no such function; it has pass");
    }

    /** A service that lacks the function does not stand in the way of a lesser one that has it. */
    @Test
    void firstServiceThatFitsIsTaken() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        offer("notes", OddNotes.class, value -> value, Constants.SERVICE_RANKING, 100);
        offer("notes", Notes.class, notes("fits"));
        start("adder", services(Adder.class));
        service(Adder.class, "adder").add(1, 1);

        assertThat(noted).containsExactly("fits 2");
    }

    /** A memory is the instance's own; nobody gives globals, nor functions of types that no method has. */
    @Test
    void importsOtherThanFunctionsAndMemoriesAreNotBound() throws Exception {
        start("strange", "", Wat.compile("""
                (module (import "env" "memory" (memory 1)) (import "env" "g" (global i32))
                  (import "env" "f" (func (param externref))))
                """));
        grant("strange", "(sallyport.module=*)");

        assertThat(plugin("strange").unsatisfied()).extracting(UnsatisfiedImport::kind)
                .containsExactly(Kind.NOT_A_FUNCTION, Kind.NOT_A_FUNCTION);
    }

    /** Names that are filters: what they could match is offered and granted, and must not be reached under them. */
    @ParameterizedTest
    @ValueSource(strings = {
        "*",
        "no*",
        "notes)(sallyport.module=*",
        "*)(x=*",
        "x)(|(sallyport.module=notes)",
        "notes\\\\",
        "\\\\6eotes",
        "(",
        ")",
        " notes",
        "",
        "NOTES",
        "not\\00es",
    })
    void importNamesAreNoFilters(String name) throws Exception {
        offer("notes", Notes.class, notes("reached"));
        grant("attack", "(sallyport.module=notes)");
        becomesKnown("attack");
        start("attack", "", Wat.compile("(module (import \"" + name + "\" \"note\" (func $f (param i32)))"
                + " (start $s) (func $s (call $f (i32.const 1))))"));

        stays(() -> plugin("attack").state() == PluginState.UNSATISFIED);
        assertThat(missing("attack").kind()).isEqualTo(Kind.NO_SERVICE);
        assertThat(noted).isEmpty();
    }

    private void becomesKnown(String plugin) throws Exception {
        eventually(() -> context.getServiceReferences(Grant.class, "(plugin=" + plugin + ")").size() == 1);
    }

    /** The guest learns nothing of it, the application everything. */
    @Test
    void exceptionOfTheHostEndsTheCallOnly() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        offer("notes", Notes.class, (caller, value) -> {
            if (value == 13) {
                throw new IllegalArgumentException("unlucky");
            }
        });
        start("adder", services(Adder.class));
        Adder adder = service(Adder.class, "adder");

        assertThatThrownBy(() -> adder.add(6, 7))
                .isInstanceOf(HostFunctionException.class)
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unlucky")
                .satisfies(e -> assertThat(e.getStackTrace()[0].toString()).contains("adder"));
        assertThat(adder.add(6, 8)).isEqualTo(14);
        assertThat(plugin("adder").state()).isEqualTo(PluginState.ACTIVE);
    }

    /** One service, a slice for each plugin, cut by the attributes of its grants. */
    @Test
    void slicesFollowTheGrantsAttributes() throws Exception {
        MethodHandle note = MethodHandles.lookup().findVirtual(
                HostModulesTest.class, "noteFor", MethodType.methodType(void.class, PluginIdentity.class, int.class));
        HostModule slices = plugin -> Map.of("note", MethodHandles.insertArguments(note, 0, this, plugin));
        offer("notes", HostModule.class, slices);
        grant("one", "(sallyport.module=notes)", "attribute.prefix", "/one");
        var second = grant("two", "(sallyport.module=notes)", "attribute.prefix", "/two");
        start("one", services(Adder.class), PluginBundles.wasm("adder"));
        start("two", services(Adder.class), PluginBundles.wasm("adder"));
        service(Adder.class, "one").add(0, 1);
        service(Adder.class, "two").add(0, 2);
        update(second, "two", "(sallyport.module=notes)", "attribute.prefix", "/two/smaller");
        eventually(() -> "/two/smaller".equals(plugin("two").rights().get("prefix")));
        service(Adder.class, "two").add(0, 3);

        assertThat(noted).containsExactly("one /one 1", "two /two 2", "two /two/smaller 3");
    }

    void noteFor(PluginIdentity plugin, int value) {
        noted.add(plugin.id() + " " + plugin.attribute("prefix") + " " + value);
    }

    @Test
    void callerTellsWhichPluginCalls() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {
            PluginIdentity plugin = caller.attachment(PluginIdentity.class);
            noted.add(plugin.id() + " " + plugin.attribute("colour") + " " + value);
        });
        grant("adder", "(sallyport.module=notes)", "attribute.colour", "red");
        start("adder", services(Adder.class));
        service(Adder.class, "adder").add(1, 1);

        assertThat(noted).containsExactly("adder red 2");
    }

    @Test
    void callerIsOfNoUseAfterTheCall() throws Exception {
        List<Caller> kept = new CopyOnWriteArrayList<>();
        offer("notes", Notes.class, (caller, value) -> kept.add(caller));
        grant("adder", "(sallyport.module=notes)");
        start("adder", services(Adder.class));
        service(Adder.class, "adder").add(1, 1);

        assertThatThrownBy(() -> kept.getFirst().store()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hostModuleThatFailsOffersNothing() throws Exception {
        offer("notes", HostModule.class, plugin -> {
            throw new IllegalStateException("not today");
        });
        grant("adder", "(sallyport.module=notes)");
        start("adder", services(Adder.class));
        eventually(() -> missing("adder").kind() == Kind.NO_FUNCTION);

        offer("notes", Notes.class, notes("steady"));
        service(Adder.class, "adder").add(1, 1);
        assertThat(noted).containsExactly("steady 2");
    }

    @Test
    void pluginsServiceIsPartOfTheGraph() throws Exception {
        grant("adder", "(sallyport.module=notes)");
        var notes = offer("notes", Notes.class, notes("n"));
        var bundle = start("adder", services(Adder.class));
        service(Adder.class, "adder");

        assertThat(notes.getReference().getUsingBundles()).containsExactly(bundle);
        assertThat(context.getServiceReference(Adder.class).getBundle()).isEqualTo(bundle);
        assertThat(context.getServiceReference(Adder.class).getProperty(Plugin.ID)).isEqualTo("adder");
    }
}
