package org.sallyport.host.core;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Budget;
import org.sallyport.host.Grant;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginOrigin;
import org.sallyport.wasm.Printable;

/**
 * One grant out of one configuration. A configuration that does not make sense grants nothing until it is mended, and is
 * there with its {@linkplain #problem problem} for all to see. Thread-safe.
 */
public class ConfiguredGrant implements Grant {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final int REASON_LENGTH = 2_000;

    private final GrantSyntax syntax;
    private volatile GrantTerms terms;

    /** @param properties keys and values as {@link Grant} has them */
    public ConfiguredGrant(Map<String, ?> properties, GrantSyntax syntax) {
        this.syntax = syntax;
        terms = read(properties);
    }

    /** Of what is in the way of a grant and makes none. */
    public static Grant none(String source, String problem) {
        return GrantTerms.none("", source, problem);
    }

    /** From now on it says this. Whoever has it is to be told. */
    public final void update(Map<String, ?> properties) {
        terms = read(properties);
    }

    /** Grants nothing from now on, until its configuration is read anew. */
    public final void refuse(String problem) {
        terms = refused(terms.plugin(), terms.source(), problem);
    }

    private GrantTerms read(Map<String, ?> properties) {
        GrantReader reader = new GrantReader(properties, syntax);
        try {
            return reader.terms();
        } catch (IllegalArgumentException e) {
            return refused(reader.plugin(), reader.source(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) { // nothing is to stay in force because of it
            return refused(reader.plugin(), reader.source(), "it cannot be read: " + e.getMessage());
        }
    }

    private static GrantTerms refused(String plugin, String source, String problem) {
        String text = Printable.text(problem.strip().replaceAll("\\s*\\R\\s*", "; "), REASON_LENGTH);
        LOG.log(System.Logger.Level.ERROR, () -> "grant " + source + " grants nothing: " + text);
        return GrantTerms.none(plugin, source, text);
    }

    /** What it says now, all of one edit. */
    final GrantTerms terms() {
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
    public @Nullable ModuleFilter allow() {
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
    public Set<String> exports() {
        return terms.exports();
    }

    @Override
    public Map<String, Object> exportProperties() {
        return terms.exportProperties();
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
    public Budget budget() {
        return terms.budget();
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
