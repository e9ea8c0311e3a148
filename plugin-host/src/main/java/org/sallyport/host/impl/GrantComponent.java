package org.sallyport.host.impl;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.sallyport.host.Grant;

/**
 * One grant out of one configuration. A configuration that does not make sense grants nothing: at first activation
 * fails and is logged; where an edit spoils a good one, the grant applies to no plugin until it is mended.
 */
@Designate(ocd = GrantComponent.Config.class, factory = true)
@Component(
        service = Grant.class,
        configurationPid = Grant.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GrantComponent implements Grant {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final Set<String> OWN = Set.of("plugin", "allow", "timeout", "memory");

    @ObjectClassDefinition(name = "Sallyport grant", description = "What one plugin may use")
    @interface Config {
        @AttributeDefinition(description = "Id of the plugin; a trailing * matches any rest")
        String plugin();

        @AttributeDefinition(
                required = false,
                description = "LDAP filter over the properties of host module services, such as (sallyport.module=log)")
        String allow() default "";

        @AttributeDefinition(required = false, description = "Longest time of one call in milliseconds; 0: no limit")
        long timeout() default 0;

        @AttributeDefinition(required = false, description = "Memory of one instance in bytes; -1: no limit")
        long memory() default -1;
    }

    /** @param plugin empty where the grant is for no plugin */
    private record Settings(
            String plugin,
            @Nullable Filter allow,
            @Nullable Duration timeout,
            long memory,
            Map<String, Object> attributes,
            String source) {}

    private volatile Settings settings;

    /** @throws IllegalArgumentException if the configuration makes no sense */
    @Activate
    public GrantComponent(Config config, Map<String, Object> properties) {
        this.settings = settings(config, properties);
    }

    @Modified
    void modified(Config config, Map<String, Object> properties) {
        try {
            settings = settings(config, properties);
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.ERROR, "grants nothing any more: " + e.getMessage());
            settings = new Settings("", null, null, -1, Map.of(), source(properties));
        }
    }

    private static Settings settings(Config config, Map<String, Object> properties) {
        String plugin = config.plugin();
        if (plugin == null || plugin.isBlank()) {
            throw new IllegalArgumentException(
                    "grant " + source(properties) + " needs the property plugin: the id of the plugin it is for");
        }
        Filter allow;
        try {
            allow = config.allow().isBlank() ? null : FrameworkUtil.createFilter(config.allow());
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(
                    "grant " + source(properties) + ": allow is no LDAP filter: " + e.getMessage(), e);
        }
        Duration timeout = config.timeout() <= 0 ? null : Duration.ofMillis(config.timeout());
        return new Settings(
                plugin.strip(), allow, timeout, config.memory(), attributes(properties), source(properties));
    }

    private static String source(Map<String, Object> properties) {
        return String.valueOf(properties.get("service.pid"));
    }

    private static Map<String, Object> attributes(Map<String, Object> properties) {
        Map<String, Object> rest = new HashMap<>();
        properties.forEach((name, value) -> {
            boolean framework = name.startsWith("service.")
                    || name.startsWith("component.")
                    || name.startsWith("felix.")
                    || name.startsWith("osgi.ds.")
                    || name.startsWith(".");
            if (!framework && !OWN.contains(name)) {
                rest.put(name, value);
            }
        });
        return Map.copyOf(rest);
    }

    @Override
    public boolean appliesTo(String pluginId) {
        String wanted = settings.plugin();
        return wanted.endsWith("*")
                ? pluginId.startsWith(wanted.substring(0, wanted.length() - 1))
                : wanted.equals(pluginId);
    }

    @Override
    public @Nullable Filter allow() {
        return settings.allow();
    }

    @Override
    public @Nullable Duration timeout() {
        return settings.timeout();
    }

    @Override
    public long memoryBytes() {
        return settings.memory();
    }

    @Override
    public Map<String, Object> attributes() {
        return settings.attributes();
    }

    @Override
    public String source() {
        return settings.source();
    }
}
