package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.util.List;
import java.util.Vector;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;

/** A configuration that cannot be read whole grants nothing, first and later, whatever key it is, and says why. */
class UnreadableGrantsTest extends PluginTest {
    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> {});
    }

    static Stream<Arguments> values() {
        List<Object> noNumbers = List.of(
                "16m", "50ms", "", " ", "1e6", "-1", "9".repeat(30), "0x10", true, '7', 7.0, new String[] {"7"},
                new int[] {7}, new Vector<>(List.of(7)));
        List<Object> noTexts = List.of(
                5, true, new String[0], new String[] {"test:*"}, new String[] {"test:*", "other:*"}, new Vector<>(),
                new Vector<>(List.of("test:*")));
        List<Object> noNames = List.of(5, true, new int[] {5}, new Vector<>(List.of(5)), new Boolean[] {true});
        List<Object> empty = List.of("", " ", ",", new String[0], new String[] {" "}, new Vector<>());
        return Stream.of(
                        with(noNumbers, "timeout", "memory", "max-traps", "ranking"),
                        with(List.of(1L << 40), "max-traps", "ranking"),
                        with(noTexts, "plugin", "location", "digest", "signer", "allow"),
                        with(List.of("", " "), "plugin", "location", "digest", "signer"),
                        with(noNames, "functions", "offer", "properties"),
                        with(empty, "functions"),
                        with(List.of("add er", "adder*x", "ädder"), "plugin"),
                        with(List.of("(sallyport.module=notes", "(sallyport.module=notes) # all", "x"), "allow"),
                        with(List.of("com.acme.*.x", "a b"), "offer"),
                        with(List.of("abc", "0x" + "0".repeat(62)), "digest"),
                        with(List.of("O=ACME;=;"), "signer"),
                        with(List.of("test:*"), ".location", "Location", "LOCATION", "lokation", "location.", "attribute."))
                .flatMap(each -> each);
    }

    private static Stream<Arguments> with(List<Object> values, String... keys) {
        return Stream.of(keys).flatMap(key -> values.stream().map(value -> Arguments.of(key, value)));
    }

    @ParameterizedTest
    @MethodSource("values")
    void editGrantsNothingNorDoesAFirstOne(String key, Object value) throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)");
        Adder adder = service(Adder.class, "adder");
        assertThat(adder.add(1, 2)).isEqualTo(3);

        update(grant, "adder", "(sallyport.module=notes)", key, value);
        becomes("adder", PluginState.UNSATISFIED);
        assertThatThrownBy(() -> adder.add(1, 2)).isInstanceOf(PluginUnavailableException.class);
        assertIsShown(key);
        update(grant, "adder", "(sallyport.module=notes)");
        becomes("adder", PluginState.ACTIVE);

        grant.delete();
        becomes("adder", PluginState.UNSATISFIED);
        grant("adder", "(sallyport.module=notes)", key, value);
        eventually(() -> context.getServiceReference(Grant.class) != null);
        assertIsShown(key);
        assertThat(plugin("adder").state()).isEqualTo(PluginState.UNSATISFIED);
    }

    private void assertIsShown(String key) throws Exception {
        assertThat(run("grants")).contains("-> REFUSED", key);
        Grant grant = context.getService(context.getServiceReference(Grant.class));
        assertThat(grant.problem()).contains(key);
        assertThat(grant.allow()).isNull();
        assertThat(grant.offers()).isEmpty();
    }

    /** They say that there is none of it, as leaving them out does. */
    @Test
    void emptyListsThatGrantNothingAreNoSlip() throws Exception {
        start("adder", "");
        grant("adder", "(sallyport.module=notes)", "offer", new String[0], "properties", "");
        becomes("adder", PluginState.ACTIVE);
        grant("adder", "", "offer", "");
        eventually(() -> run("grants").lines().count() == 3);
        assertThat(run("grants")).doesNotContain("REFUSED");
    }
}
