package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.host.Budget;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.UnsatisfiedOffer.Kind;

/** What a plugin may stand for in the eyes of others: no more than a grant says, and some things never. */
class OfferingTest {
    private static Grant grant(Set<String> offers, int ranking, Set<String> properties) {
        return new GrantTerms(
                "p", "", "", "", null, Set.of(), offers, ranking, properties, Export.NONE, null, -1, -1, -1, -1, false,
                Budget.NONE, Map.of(), "test", null, GrantSyntax.PLAIN);
    }

    private static Offering offering(String manifest, Grant... grants) {
        return Offering.of(PluginManifest.parse(manifest, "p"), List.of(grants), "no grant");
    }

    @Test
    void nothingWithoutAGrantForThatInterface() {
        Grant other = grant(Set.of("com.acme.Other", "com.acme.Aut"), 0, Set.of());
        for (Offering offering : List.of(offering("services=com.acme.Auth"), offering("services=com.acme.Auth", other))) {
            assertThat(offering.services()).isEmpty();
            assertThat(offering.firstRefused()).isNotNull().satisfies(refused -> {
                assertThat(refused.kind()).isEqualTo(Kind.NOT_GRANTED);
                assertThat(refused.reason()).contains("offer=com.acme.Auth in a grant with plugin=p");
            });
        }
        assertThat(offering("services=com.acme.Auth", grant(Set.of("com.acme.Auth"), 0, Set.of())).services())
                .containsExactly("com.acme.Auth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.util.function.IntBinaryOperator", "javax.sql.DataSource", "jdk.net.ExtendedSocketOptions",
        "org.osgi.service.cm.ConfigurationListener", "org.apache.felix.service.command.Converter",
        "org.eclipse.osgi.framework.console.CommandProvider", "org.sallyport.Engine", "org.sallyport.dprint.FormatterX"})
    void interfacesOfThePlatformNever(String name) {
        Offering offering = offering("services=" + name, grant(Set.of("*", name), 0, Set.of()));
        assertThat(offering.services()).isEmpty();
        assertThat(offering.refused()).singleElement().satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.NEVER));
    }

    @Test
    void rankingIsCutToTheGreatestGranted() {
        assertThat(offering("ranking=50").ranking()).isZero();
        assertThat(offering("ranking=50", grant(Set.of(), 10, Set.of()), grant(Set.of(), 7, Set.of())).ranking()).isEqualTo(10);
        assertThat(offering("ranking=50", grant(Set.of(), -3, Set.of())).ranking()).isZero();
        assertThat(offering("ranking=-7", grant(Set.of(), 10, Set.of())).ranking()).isEqualTo(-7);
    }

    @Test
    void propertiesAreThoseGrantedButForTheFrameworks() {
        String manifest = "property.colour=red\nproperty.size=9\nproperty.service.ranking=5\nproperty.objectClass=z"
                + "\nproperty.sallyport.module=gate\nproperty.osgi.x=y";
        assertThat(offering(manifest).properties()).isEmpty();
        assertThat(offering(manifest, grant(Set.of(), 0, Set.of("colour", "service.ranking", "objectClass", "sallyport.module",
                        "osgi.x")))
                        .properties())
                .isEqualTo(Map.of("colour", "red"));
    }
}
