package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import com.acme.itests.Worker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedOffer.Kind;
import org.sallyport.text.Wat;

/** A plugin offers what is granted, in the rank and with the properties that are granted, and nothing else. */
class OffersTest extends PluginTest {
    @BeforeEach
    void offerNotes() {
        offer("notes", Notes.class, (caller, value) -> {});
    }

    /** The application's own service, and a plugin that would rather be it. */
    @Test
    void nobodyIsServedByWhatWasNotGranted() throws Exception {
        Adder own = Integer::sum;
        var registration = context.registerService(Adder.class, own, null);
        afterwards(() -> {
            registration.unregister();
            return null;
        });
        grant("adder", "(sallyport.module=notes)", "offer", Worker.class.getName());
        start("adder", services(Adder.class) + ";ranking=1000");

        eventually(() -> plugin("adder").unsatisfied().isEmpty());
        assertThat(plugin("adder").state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(plugin("adder").unsatisfiedOffers()).singleElement().satisfies(missing -> {
            assertThat(missing.kind()).isEqualTo(Kind.NOT_GRANTED);
            assertThat(missing.reason())
                    .contains("no grant of plugin adder offers that interface")
                    .contains("offer=com.acme.itests.Adder in a grant with plugin=adder");
        });
        assertThatThrownBy(() -> plugin("adder").as(Adder.class).add(1, 2))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("offer=com.acme.itests.Adder");
        assertThat(context.getService(context.getServiceReference(Adder.class))).isSameAs(own);
    }

    @Test
    void offerComesAndGoesWithTheGrant() throws Exception {
        start("adder", services(Adder.class));
        Configuration grant = grant("adder", "(sallyport.module=notes)", "offer", "");
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);

        update(grant, "adder", "(sallyport.module=notes)", "offer", "com.acme.Other, com.acme.itests.Adder");
        service(Adder.class, "adder");
        update(grant, "adder", "(sallyport.module=notes)", "offer", "com.acme.itests.Add");
        becomes("adder", PluginState.UNSATISFIED);
        eventually(() -> services(Adder.class, "adder").isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "java.lang.Runnable",
        "javax.sql.DataSource",
        "org.osgi.service.event.EventHandler",
        "org.apache.felix.service.command.Converter",
        "org.eclipse.osgi.framework.console.CommandProvider",
        "org.sallyport.host.Grant",
        "org.sallyport.Engine",
    })
    void interfacesOfThePlatformAreNever(String name) throws Exception {
        grant("stranger", "", "offer", "*");
        grant("stranger", "", "offer", name);
        start("stranger", ";services=\"" + name + "\"", Wat.compile("(module (func (export \"run\")))"));

        stays(() -> plugin("stranger").state() == PluginState.UNSATISFIED);
        assertThat(plugin("stranger").unsatisfiedOffers()).singleElement().satisfies(missing -> assertThat(missing.kind())
                .isEqualTo(Kind.NEVER));
        assertThat(context.getServiceReferences((String) null, "(sallyport.plugin=stranger)"))
                .as("the plugin itself").hasSize(1);
    }

    @Test
    void rankingAndPropertiesAreCutToWhatIsGranted() throws Exception {
        Configuration grant =
                grant("adder", "(sallyport.module=notes)", "ranking", 10, "properties", "colour,sallyport.module,osgi.x");
        start("adder", services(Adder.class) + ";ranking=50;property.colour=red;property.size=9"
                + ";property.sallyport.module=gate;property.osgi.x=y;property.objectClass=z");
        service(Adder.class, "adder");
        ServiceReference<Adder> service = context.getServiceReference(Adder.class);

        assertThat(service.getProperty(Constants.SERVICE_RANKING)).isEqualTo(10);
        assertThat(service.getProperty("colour")).isEqualTo("red");
        assertThat(service.getPropertyKeys()).doesNotContain("size", "sallyport.module", "osgi.x");
        assertThat(service.getProperty(Constants.OBJECTCLASS)).isEqualTo(new String[] {Adder.class.getName()});

        update(grant, "adder", "(sallyport.module=notes)");
        eventually(() -> Integer.valueOf(0).equals(service.getProperty(Constants.SERVICE_RANKING)));
        assertThat(service.getPropertyKeys()).doesNotContain("colour");
        assertThat(plugin("adder").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void lowerRankingNeedsNoGrant() throws Exception {
        grant("adder", "(sallyport.module=notes)", "ranking", 10);
        start("adder", services(Adder.class) + ";ranking=-7");
        service(Adder.class, "adder");

        assertThat(context.getServiceReference(Adder.class).getProperty(Constants.SERVICE_RANKING)).isEqualTo(-7);
    }
}
