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
import org.osgi.service.metatype.annotations.Designate;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginOrigin;

/**
 * One grant out of one configuration. A configuration that does not make sense grants nothing until it is mended, and is
 * there with its {@linkplain #problem problem} for all to see.
 */
@Designate(ocd = GrantConfig.class, factory = true)
@Component(
        service = Grant.class,
        configurationPid = Grant.FACTORY_PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GrantComponent implements Grant {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private volatile GrantTerms terms;
    private volatile @Nullable String file;

    @Activate
    public GrantComponent(Map<String, Object> properties) {
        file = file(properties);
        terms = read(properties);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        file = file(properties);
        terms = read(properties);
    }

    private static @Nullable String file(Map<String, Object> properties) {
        return properties.get("felix.fileinstall.filename") instanceof String name ? name : null;
    }

    /** The address of the file in which it stands, or null. */
    @Nullable String file() {
        return file;
    }

    /** Grants nothing from now on, until its configuration is read anew. */
    void refuse(String problem) {
        terms = refused(terms.plugin(), terms.source(), problem);
    }

    private static GrantTerms read(Map<String, Object> properties) {
        GrantReader reader = new GrantReader(properties);
        try {
            return reader.terms();
        } catch (IllegalArgumentException e) {
            return refused(reader.plugin(), reader.source(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) { // nothing is to stay in force because of it
            return refused(reader.plugin(), reader.source(), "it cannot be read: " + e.getMessage());
        }
    }

    private static GrantTerms refused(String plugin, String source, String problem) {
        String text = Candidates.oneLine(problem);
        LOG.log(System.Logger.Level.ERROR, () -> "grant " + source + " grants nothing: " + text);
        return GrantTerms.none(plugin, source, text);
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
    public long fuel() {
        return terms.fuel();
    }

    @Override
    public long memoryBytes() {
        return terms.memoryBytes();
    }

    @Override
    public long exceptionBytes() {
        return terms.exceptionBytes();
    }

    @Override
    public int maxTraps() {
        return terms.maxTraps();
    }

    @Override
    public boolean sharedMemory() {
        return terms.sharedMemory();
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
