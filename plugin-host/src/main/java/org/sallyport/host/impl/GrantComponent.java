package org.sallyport.host.impl;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginOrigin;

/**
 * One grant out of one configuration. A configuration that does not make sense grants nothing until it is mended, and is
 * there with its {@linkplain #problem problem} for all to see.
 */
@Designate(ocd = GrantComponent.Config.class, factory = true)
@Component(
        service = Grant.class,
        configurationPid = Grant.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GrantComponent implements Grant {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    /**
     * For tools, and for texts; {@link GrantReader} reads numbers itself. Nothing has a default that becomes a property of
     * the component: a value that makes no sense can be told from none, and a key that differs from such a property in case
     * only ({@code Allow}) would keep Declarative Services from enabling the component, with all other grants.
     */
    @ObjectClassDefinition(name = "Sallyport grant", description = "What one plugin may use, offer and take")
    @interface Config {
        @AttributeDefinition(description = "Id of the plugin; a trailing * matches any rest")
        String plugin();

        @AttributeDefinition(
                required = false,
                description = "Only if its bundle's location, or its file's address, is this; * matches anything")
        String location();

        @AttributeDefinition(
                required = false,
                description = "Only if this is the SHA-256 of its module: 64 hexadecimal digits")
        String digest();

        @AttributeDefinition(
                required = false,
                description = "Only if its bundle is signed so: a pattern for a chain of distinguished names, such as"
                        + " CN=*,O=ACME,C=US;-")
        String signer();

        @AttributeDefinition(
                required = false,
                description = "LDAP filter over the properties of host module services, such as (sallyport.module=log)")
        String allow();

        @AttributeDefinition(
                required = false,
                description = "Names of the functions of those services that it may call; without any, all")
        String[] functions();

        @AttributeDefinition(
                required = false,
                description = "Java interfaces under which it may be a service, such as com.acme.Discount or com.acme.*")
        String[] offer() default {};

        @AttributeDefinition(required = false, description = "Highest service ranking that it may ask for")
        int ranking();

        @AttributeDefinition(required = false, description = "Names of service properties that it may set")
        String[] properties() default {};

        @AttributeDefinition(required = false, description = "Longest time of one call in milliseconds; 0: no limit")
        long timeout();

        @AttributeDefinition(required = false, description = "Memory of one instance in bytes")
        long memory();

        @AttributeDefinition(
                required = false,
                description = "Failures after which it is quarantined; 0: never; without it, as the plugin host has it")
        int max$_$traps();
    }

    private volatile GrantTerms terms;

    @Activate
    public GrantComponent(Config config, Map<String, Object> properties) {
        this.terms = read(config, properties);
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        terms = read(config, properties);
    }

    private static GrantTerms read(Config config, Map<String, Object> properties) {
        GrantReader reader = new GrantReader(config, properties);
        try {
            return reader.terms();
        } catch (IllegalArgumentException e) {
            return refused(reader, String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) { // nothing is to stay in force because of it
            return refused(reader, "it cannot be read: " + e.getMessage());
        }
    }

    private static GrantTerms refused(GrantReader reader, String problem) {
        String source = reader.source();
        String text = Candidates.oneLine(problem);
        LOG.log(System.Logger.Level.ERROR, () -> "grant " + source + " grants nothing: " + text);
        return GrantTerms.none(reader.plugin(), source, text);
    }

    /** What it says now, all of one edit. */
    GrantTerms terms() {
        return terms;
    }

    @Override
    public boolean appliesTo(String pluginId, PluginOrigin origin) {
        return terms.appliesTo(pluginId, origin);
    }

    @Override
    public boolean confirms(String pluginId, PluginOrigin origin) {
        return terms.confirms(pluginId, origin);
    }

    @Override
    public @Nullable Filter allow() {
        return terms.allow();
    }

    @Override
    public Set<String> functions() {
        return terms.functions();
    }

    @Override
    public Set<String> offers() {
        return terms.offers();
    }

    @Override
    public int ranking() {
        return terms.ranking();
    }

    @Override
    public Set<String> properties() {
        return terms.properties();
    }

    @Override
    public @Nullable Duration timeout() {
        return terms.timeout();
    }

    @Override
    public long memoryBytes() {
        return terms.memoryBytes();
    }

    @Override
    public int maxTraps() {
        return terms.maxTraps();
    }

    @Override
    public Map<String, Object> attributes() {
        return terms.attributes();
    }

    @Override
    public String source() {
        return terms.source();
    }

    @Override
    public @Nullable String problem() {
        return terms.problem();
    }
}
