package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.text.Wat;

/** Who a plugin is does not depend on what it says of itself, where the operator has said who it is. */
class IdentityTest extends PluginTest {
    private static final byte[] IMPOSTOR = Wat.compile("""
            (module (import "notes" "note" (func (param i32)))
              (func (export "add") (param i32 i32) (result i32) (i32.const 666)))
            """);

    private final List<PluginIdentity> callers = new CopyOnWriteArrayList<>();

    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> callers.add(caller.attachment(PluginIdentity.class)));
    }

    /** A bundle with another plugin's id in its header. */
    private Bundle startAs(String id, String location, byte[] wasm) throws Exception {
        return startAt(location, PluginBundles.bundle("test." + location.hashCode(), id + services(Adder.class), wasm));
    }

    private List<Plugin> claimants(String id) {
        return host.plugins().stream().filter(plugin -> plugin.id().equals(id)).toList();
    }

    @Test
    void claimOfAnIdThatAnotherHoldsIsSeenAndTriedAgain() throws Exception {
        grant("acme.pay", "(sallyport.module=notes)");
        Bundle impostor = startAs("acme.pay", "evil:pay", IMPOSTOR);
        service(Adder.class, "acme.pay");
        startAs("acme.pay", "good:pay", PluginBundles.wasm("adder"));

        assertThat(claimants("acme.pay")).hasSize(2).satisfies(both -> {
            assertThat(both.getFirst()).isSameAs(plugin("acme.pay"));
            assertThat(both.getLast().state()).isEqualTo(PluginState.CONFLICT);
            assertThat(both.getLast().conflict())
                    .contains("held by the plugin from evil:pay", "this one is from good:pay", "grant with plugin=acme.pay");
        });
        assertThat(services(Plugin.class, "acme.pay")).containsExactly(plugin("acme.pay"));
        Plugin waiting = claimants("acme.pay").getLast();
        assertThatThrownBy(() -> waiting.as(Adder.class).add(1, 2))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("is CONFLICT because its id is held");
        waiting.restart();
        assertThat(waiting.state()).isEqualTo(PluginState.CONFLICT);

        impostor.stop();
        assertThat(plugin("acme.pay")).isSameAs(waiting);
        assertThat(service(Adder.class, "acme.pay").add(1, 2)).isEqualTo(3);
        impostor.start();
        assertThat(plugin("acme.pay")).isSameAs(waiting);
    }

    @Test
    void grantThatNamesTheOriginIsOfNoUseToAnother() throws Exception {
        Configuration grant = grant("acme.pay", "(sallyport.module=notes)", "location", "good:*");
        eventually(() -> context.getServiceReferences(
                org.sallyport.host.Grant.class, "(plugin=acme.pay)").size() == 1);
        startAs("acme.pay", "evil:pay", IMPOSTOR);
        stays(() -> plugin("acme.pay").state() == PluginState.UNSATISFIED);
        assertThat(services(Adder.class, "acme.pay")).isEmpty();

        startAs("acme.pay", "good:pay", PluginBundles.wasm("adder"));
        assertThat(service(Adder.class, "acme.pay").add(1, 2)).as("who is confirmed has the id").isEqualTo(3);
        assertThat(claimants("acme.pay").getLast().state()).isEqualTo(PluginState.CONFLICT);
        assertThat(claimants("acme.pay").getLast().origin().location()).isEqualTo("evil:pay");
        assertThat(callers).extracting(caller -> caller.origin().location()).containsExactly("good:pay");

        grant.delete();
        becomes("acme.pay", PluginState.UNSATISFIED);
        assertThat(plugin("acme.pay").origin().location()).as("holds it still").isEqualTo("good:pay");
    }

    /** The impostor was there first, with grants that name the id alone; then the operator says who is meant. */
    @Test
    void holderIsReplacedWhenAGrantConfirmsAnother() throws Exception {
        grant("acme.pay", "(sallyport.module=notes)");
        startAs("acme.pay", "evil:pay", IMPOSTOR);
        Adder impostor = service(Adder.class, "acme.pay");
        startAs("acme.pay", "good:pay", PluginBundles.wasm("adder"));
        String digest = claimants("acme.pay").getLast().origin().digest();

        grant("acme.pay", "", "digest", digest);
        eventually(() -> plugin("acme.pay").origin().location().equals("good:pay"));
        assertThat(service(Adder.class, "acme.pay").add(1, 2)).isEqualTo(3);
        assertThatThrownBy(() -> impostor.add(1, 2)).isInstanceOf(PluginUnavailableException.class);
        assertThat(claimants("acme.pay").getLast().counters().instances()).isZero();
    }

    @Test
    void wildcardConfirmsNobody() throws Exception {
        startAs("acme.pay", "evil:pay", IMPOSTOR);
        startAs("acme.pay", "good:pay", PluginBundles.wasm("adder"));
        grant("acme.*", "(sallyport.module=notes)", "location", "good:*");
        grant("acme.pay", "(sallyport.module=notes)");
        becomes("acme.pay", PluginState.ACTIVE);

        assertThat(plugin("acme.pay").origin().location()).isEqualTo("evil:pay");
    }

    @Test
    void installedByTheApplicationItIsTheSame() throws Exception {
        start("adder", "");
        Plugin first = plugin("adder");
        Plugin second = host.install(PluginManifest.of("adder"), PluginBundles.wasm("adder"), context);
        Plugin third = host.install(PluginManifest.of("adder"), PluginBundles.wasm("adder"), context);

        assertThat(List.of(second.state(), third.state())).containsOnly(PluginState.CONFLICT);
        assertThat(plugin("adder")).isSameAs(first);
        host.uninstall(first);
        assertThat(plugin("adder")).isSameAs(second);
        host.uninstall(third);
        assertThat(third.state()).isEqualTo(PluginState.UNINSTALLED);
        assertThat(plugin("adder")).isSameAs(second);
        host.uninstall(second);
        assertThat(host.plugins()).isEmpty();
    }
}
