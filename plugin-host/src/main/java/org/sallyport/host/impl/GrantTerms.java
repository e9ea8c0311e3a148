package org.sallyport.host.impl;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginOrigin;

/**
 * What a grant says at one time. Immutable.
 *
 * @param plugin id, or its beginning and {@code *}; empty where the grant is for no plugin
 * @param location pattern with {@code *} for anything, or empty
 * @param digest hexadecimal digits in lower case, or empty
 * @param signer pattern for a chain of distinguished names, or empty
 * @param problem why it grants nothing, or null
 */
record GrantTerms(
        String plugin,
        String location,
        String digest,
        String signer,
        @Nullable Filter allow,
        Set<String> functions,
        Set<String> offers,
        int ranking,
        Set<String> properties,
        @Nullable Duration timeout,
        long memoryBytes,
        int maxTraps,
        Map<String, Object> attributes,
        String source,
        @Nullable String problem)
        implements Grant {

    /** @return grants nothing to nobody */
    static GrantTerms none(String source, String problem) {
        return new GrantTerms(
                "", "", "", "", null, Set.of(), Set.of(), 0, Set.of(), null, -1, -1, Map.of(), source, problem);
    }

    @Override
    public boolean appliesTo(String pluginId, PluginOrigin origin) {
        return startsAs(plugin, pluginId)
                && (location.isEmpty() || anywhere(location, origin.location()))
                && (digest.isEmpty() || digest.equals(origin.digest()))
                && (signer.isEmpty() || isSigned(origin.signers()));
    }

    @Override
    public boolean confirms(String pluginId, PluginOrigin origin) {
        boolean namesOrigin = !location.isEmpty() || !digest.isEmpty() || !signer.isEmpty();
        return namesOrigin && plugin.equals(pluginId) && appliesTo(pluginId, origin);
    }

    private boolean isSigned(List<List<String>> signers) {
        return signers.stream().anyMatch(chain -> FrameworkUtil.matchDistinguishedNameChain(signer, chain));
    }

    /** Whether the name is the pattern, or starts as the pattern does before its trailing {@code *}. */
    static boolean startsAs(String pattern, String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(name);
    }

    /** Whether the text is the pattern with something, or nothing, for each {@code *}. */
    static boolean anywhere(String pattern, String text) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(text);
        }
        String end = pattern.substring(pattern.lastIndexOf('*') + 1);
        if (!text.startsWith(pattern.substring(0, star)) || !text.endsWith(end)) {
            return false;
        }
        int at = star;
        for (String part : pattern.substring(star, pattern.length() - end.length()).split("\\*")) {
            int found = text.indexOf(part, at);
            if (found < 0) {
                return false;
            }
            at = found + part.length();
        }
        return at + end.length() <= text.length();
    }

    /** Whether both are for the same plugins and put the same within their guests' reach. */
    boolean sameReach(GrantTerms other) {
        return plugin.equals(other.plugin)
                && location.equals(other.location)
                && digest.equals(other.digest)
                && signer.equals(other.signer)
                && Objects.equals(allow, other.allow)
                && functions.equals(other.functions)
                && attributes.equals(other.attributes);
    }
}
