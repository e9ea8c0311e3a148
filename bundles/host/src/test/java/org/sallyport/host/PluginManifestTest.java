package org.sallyport.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginManifestTest {
    @Test
    void readsAllKeys() {
        PluginManifest manifest = PluginManifest.parse(
                """
                id = acme.discount
                services = com.acme.Discount, com.acme.Tax
                ask.log = (level=info)
                ask.wasi\\:http/types = (host=*.acme.example)
                timeout = 50
                fuel = 70000
                memory = 1048576
                policy = Serialized
                pool = 7
                max-traps = 3
                ranking = -5
                property.colour = dark blue
                """,
                "unused");

        assertThat(manifest).isEqualTo(new PluginManifest(
                "acme.discount",
                "",
                java.util.List.of("com.acme.Discount", "com.acme.Tax"),
                Map.of("log", "(level=info)", "wasi:http/types", "(host=*.acme.example)"),
                Duration.ofMillis(50),
                70_000,
                1 << 20,
                EntryPolicy.SERIALIZED,
                7,
                3,
                -5,
                Map.of("colour", "dark blue")));
    }

    @Test
    void emptyTextMeansDefaults() {
        assertThat(PluginManifest.parse("", "from-file")).isEqualTo(PluginManifest.of("from-file"));
    }

    @Test
    void timeoutZeroSetsNoLimit() {
        assertThat(PluginManifest.parse("timeout=0", "x").timeout()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tiemout=3          | unknown key tiemout (did you mean timeout?); known are ask.MODULE, fuel, id, max-traps, memory",
        "ranking=high       | ranking must be a whole number, found \"high\"",
        "property.a\\=b=c    | property.a=b: names are of letters, digits",
        "property.a=x\\ny    | property.a: names are of letters, digits and . _ -, values without control characters",
        "timeout=soon       | timeout must be a number from 0, found \"soon\"",
        "memory=-5          | memory must be a number from 0, found \"-5\"",
        "policy=free        | policy must be confined, serialized, pooled or fresh, found \"free\"",
        "pool=0             | pool must be 1 to 1024, found 0",
        "pool=9999999999999 | pool must be 1 to 1024",
        "ask.log=level=info | ask.log is no LDAP filter",
        "ask.=(a=b)         | no name of a module that can be asked for",
    })
    void refuses(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PluginManifest.parse(text, "p"))
                .withMessageStartingWith("plugin p: ")
                .withMessageContaining(message);
    }

    /** What goes into a bundle's manifest must not be able to end a line or a clause there. */
    @ParameterizedTest
    @ValueSource(strings = {
        "id=a\\nBundle-Activator: x",
        "id=a;module\\=b",
        "id=a,b",
        "id=*",
        "services=com.acme.X\\nImport-Package: y",
        "services=com.acme.X\\u0000Y",
        "ask.log\\;memory\\=9=(a=b)",
        "ask.log=(a=b\\n)",
    })
    void refusesTextThatWouldChangeOtherHeaders(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PluginManifest.parse(text, "p"));
    }

    @Test
    void withersChangeOneThing() {
        PluginManifest manifest = PluginManifest.of("x", "S")
                .withPolicy(EntryPolicy.CONFINED)
                .withTimeout(Duration.ofSeconds(1))
                .withMemoryBytes(5)
                .withPool(9)
                .withMaxTraps(2)
                .withRanking(3)
                .withProperty("colour", "red")
                .withAsk("log", "(a=b)");

        assertThat(manifest.policy()).isEqualTo(EntryPolicy.CONFINED);
        assertThat(manifest.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(manifest.memoryBytes()).isEqualTo(5);
        assertThat(manifest.pool()).isEqualTo(9);
        assertThat(manifest.maxTraps()).isEqualTo(2);
        assertThat(manifest.ranking()).isEqualTo(3);
        assertThat(manifest.properties()).isEqualTo(Map.of("colour", "red"));
        assertThat(manifest.asks()).isEqualTo(Map.of("log", "(a=b)"));
        assertThat(manifest.services()).containsExactly("S");
    }
}
