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
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.sallyport.host.Grant;

/**
 * One grant out of one configuration. A configuration that does not make sense grants nothing: activation fails and
 * is logged.
 */
@Designate(ocd = GrantComponent.Config.class, factory = true)
@Component(
        service = Grant.class,
        configurationPid = Grant.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GrantComponent implements Grant {
    private static final Set<String> OWN = Set.of("plugin", "allow", "timeout", "memory");

    @ObjectClassDefinition(name = "Sallyport grant", description = "What one plugin may use")
    @interface Config {
        @AttributeDefinition(description = "Id of the plugin; a trailing * matches any rest")
        String plugin();

        @AttributeDefinition(
                required = false,
                description = "LDAP filter over the properties of host module services, such as (sallyport.module=log)")
        String allow() default "";

        @AttributeDefinition(required = false, description = "Longest time of one call in milliseconds; 0 sets no limit")
        long timeout() default 0;

        @AttributeDefinition(required = false, description = "Memory of one instance in bytes; -1 sets no limit")
        long memory() default -1;
    }

    private final Config config;
    private final @Nullable Filter allow;
    private final Map<String, Object> attributes;
    private final String source;

    @Activate
    public GrantComponent(Config config, Map<String, Object> properties) throws InvalidSyntaxException {
        if (config.plugin() == null || config.plugin().isBlank()) {
            throw new IllegalArgumentException("a grant needs the property plugin: the id of the plugin it is for");
        }
        this.config = config;
        this.allow = config.allow().isBlank() ? null : FrameworkUtil.createFilter(config.allow());
        this.source = String.valueOf(properties.get("service.pid"));
        this.attributes = attributes(properties);
    }

    private static Map<String, Object> attributes(Map<String, Object> properties) {
        Map<String, Object> rest = new HashMap<>();
        properties.forEach((name, value) -> {
            boolean framework = name.startsWith("service.") || name.startsWith("component.") || name.startsWith("felix.");
            if (!OWN.contains(name) && !framework && !name.startsWith(".")) {
                rest.put(name, value);
            }
        });
        return Map.copyOf(rest);
    }

    @Override
    public boolean appliesTo(String pluginId) {
        String wanted = config.plugin();
        return wanted.endsWith("*") ? pluginId.startsWith(wanted.substring(0, wanted.length() - 1)) : wanted.equals(pluginId);
    }

    @Override
    public @Nullable Filter allow() {
        return allow;
    }

    @Override
    public @Nullable Duration timeout() {
        return config.timeout() <= 0 ? null : Duration.ofMillis(config.timeout());
    }

    @Override
    public long memoryBytes() {
        return config.memory();
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public String source() {
        return source;
    }
}
