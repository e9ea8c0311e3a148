package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.StoreLimits;
import org.sallyport.host.Budget;
import org.sallyport.host.Grant;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.UnsatisfiedOffer;

/** Asks and grants together: whatever a manifest says, it gets no more than without a word. */
class RightsTest {
    private static final PluginOrigin ORIGIN = new PluginOrigin("test:p", "00", List.of());

    private record Limits(long memory, long timeout, int traps) {}

    private static Grant grant(Limits limits) {
        return new GrantTerms(
                "p",
                "",
                "",
                "",
                null,
                Set.of(),
                Set.of(),
                0,
                Set.of(),
                Export.NONE,
                limits.timeout == 0 ? null : Duration.ofMillis(limits.timeout),
                limits.timeout == 0 ? -1 : limits.timeout,
                limits.memory,
                limits.memory < 0 ? -1 : limits.memory / 2,
                limits.traps,
                false,
                Budget.NONE,
                Map.of(),
                "test",
                null,
                GrantSyntax.PLAIN);
    }

    private static Rights rights(PluginManifest manifest, Grant... grants) {
        return Rights.of(manifest, ORIGIN, List.of(grants), StoreLimits.DEFAULT, HostSettings.DEFAULT, "none");
    }

    /** For each limit: manifest, grant, what counts; 0 and -1 stand for nothing said. */
    @ParameterizedTest
    @CsvSource({
        "  0,  -1, 100",
        "  5,  -1,   5",
        "500,  -1, 100",
        "  0,   7,   7",
        "  3,   7,   3",
        "900,   7,   7",
        "  0, 900, 900",
        "  0,   0,   0",
        "  4,   0,   4",
    })
    void maxTraps(int asked, int granted, int counts) {
        Rights rights = rights(PluginManifest.of("p").withMaxTraps(asked), grant(new Limits(-1, 0, granted)));

        assertThat(rights.maxTraps()).isEqualTo(counts);
    }

    @Test
    void smallestOfAllGrantsCounts() {
        Rights rights = rights(
                PluginManifest.of("p").withTimeout(Duration.ofMillis(50)).withMemoryBytes(9 << 20),
                grant(new Limits(8 << 20, 70, 0)),
                grant(new Limits(10 << 20, 40, 30)),
                grant(new Limits(-1, 0, 20)));

        assertThat(rights.timeout()).isEqualTo(Duration.ofMillis(40));
        assertThat(rights.fuel()).isEqualTo(40);
        assertThat(rights.limits().memoryBytes()).isEqualTo(8 << 20);
        assertThat(rights.limits().exceptionBytes()).isEqualTo(4 << 20);
        assertThat(rights.maxTraps()).isEqualTo(20);
    }

    /** A grant gives more than the host's setting, and nobody more than the engine has for a store. */
    @Test
    void whatNoGrantNamesIsTheHosts() {
        StoreLimits silent = rights(PluginManifest.of("p"), grant(new Limits(-1, 0, 0))).limits();
        assertThat(silent.memoryBytes()).isEqualTo(HostSettings.DEFAULT.memoryBytes());
        assertThat(silent.exceptionBytes()).isEqualTo(HostSettings.DEFAULT.exceptionBytes());

        StoreLimits more = rights(PluginManifest.of("p"), grant(new Limits(6 << 20, 0, 0))).limits();
        assertThat(more.exceptionBytes()).isEqualTo(3 << 20).isGreaterThan(silent.exceptionBytes());

        StoreLimits most = rights(PluginManifest.of("p"), grant(new Limits(Long.MAX_VALUE, 0, 0))).limits();
        assertThat(most.memoryBytes()).isEqualTo(StoreLimits.DEFAULT.memoryBytes());
        assertThat(most.exceptionBytes()).isEqualTo(StoreLimits.DEFAULT.exceptionBytes());
    }

    /** Every key of a manifest at its largest: no limit is looser than without it. */
    @Test
    void manifestNeverLoosens() {
        PluginManifest greedy = PluginManifest.parse(
                "timeout=999999999\nfuel=999999999\nmemory=999999999999\nmax-traps=999999\nranking=999\nproperty.colour=red\n"
                        + "services=com.acme.Discount\nask.log=(a=*)",
                "p");
        Grant given = grant(new Limits(1 << 20, 50, 10));
        Rights asked = rights(greedy, given);
        Rights silent = rights(PluginManifest.of("p"), given);

        assertThat(asked.limits()).isEqualTo(silent.limits());
        assertThat(asked.timeout()).isEqualTo(silent.timeout());
        assertThat(asked.fuel()).isEqualTo(silent.fuel()).isEqualTo(50);
        assertThat(asked.maxTraps()).isEqualTo(silent.maxTraps());
        assertThat(asked.allow()).isEqualTo(silent.allow());
        assertThat(asked.offer().services()).isEmpty();
        assertThat(asked.offer().ranking()).isZero();
        assertThat(asked.offer().properties()).isEmpty();
        assertThat(rights(greedy).limits().memoryBytes()).isLessThanOrEqualTo(StoreLimits.DEFAULT.memoryBytes());
    }

    /** Other frameworks call what a grant exports of what a grant offers; a manifest has no say in it. */
    @Test
    void exportIsTheGrantsToSay() {
        PluginManifest manifest = PluginManifest.parse(
                "services=com.acme.Discount,com.acme.Rebate\nproperty.service.exported.interfaces=*\nproperty.port=1", "p");
        Grant offers = GrantReaderTest.grant(
                "plugin", "p", "offer", "com.acme.Discount", "properties", "service.exported.interfaces,port");
        assertThat(rights(manifest, offers).offer().exported()).isEmpty();
        assertThat(rights(manifest, offers).offer().properties()).containsOnlyKeys("port");

        Grant exports = GrantReaderTest.grant("plugin", "p", "export", "com.acme.*", "export.aries.rsa.port", "9000");
        assertThat(rights(manifest, offers, exports).offer().exported()).isEqualTo(Map.of("com.acme.Discount", Map.of(
                "service.exported.interfaces", "com.acme.Discount", "aries.rsa.port", "9000")));
        assertThat(rights(manifest, exports).offer().exported()).as("offered by nobody").isEmpty();
    }

    @Test
    void functionsNarrowOneGrantOnly() {
        Rights.Allowed all = new Rights.Allowed(ModuleFilter.of("(a=1)"), Set.of());
        Rights.Allowed some = new Rights.Allowed(ModuleFilter.of("(a=2)"), Set.of("read"));
        Rights rights = rights(PluginManifest.of("p"));
        Rights both = new Rights(
                List.of(all, some), rights.identity(), rights.offer(), rights.limits(), null, -1, rights.maxTraps(), Budget.NONE,
                "");

        assertThat(both.onlyFor("read")).isNull();
        assertThat(both.onlyFor("write")).containsExactly(all.services());
    }

    @Test
    void whatIsNeverOfferedIsTold() {
        Rights rights = rights(PluginManifest.of("p", "java.util.List", "com.acme.Discount", "javafx.Thing"));

        assertThat(rights.offer().refused())
                .extracting(UnsatisfiedOffer::kind)
                .containsExactly(
                        UnsatisfiedOffer.Kind.NEVER,
                        UnsatisfiedOffer.Kind.NOT_GRANTED,
                        UnsatisfiedOffer.Kind.NOT_GRANTED);
    }
}
