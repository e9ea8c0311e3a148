package org.sallyport.host.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Budget;
import org.sallyport.host.Grant;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginOrigin;
import org.sallyport.wasm.Printable;

/**
 * What a grant says at one time. Immutable.
 *
 * @param plugin id, or its beginning and {@code *}
 * @param location pattern with {@code *} for anything, or empty
 * @param digest hexadecimal digits in lower case, or empty
 * @param signer pattern for a chain of distinguished names, or empty
 * @param problem why it grants nothing, or null
 * @param syntax of the framework
 */
record GrantTerms(
        String plugin,
        String location,
        String digest,
        String signer,
        @Nullable ModuleFilter allow,
        Set<String> functions,
        Set<String> offers,
        int ranking,
        Set<String> properties,
        Export export,
        @Nullable Duration timeout,
        long fuel,
        long memoryBytes,
        long exceptionBytes,
        int maxTraps,
        boolean sharedMemory,
        Budget budget,
        Map<String, Object> attributes,
        String source,
        @Nullable String problem,
        GrantSyntax syntax)
        implements Grant {

    private static final int TEXT = 200;
    /** What {@code sallyport:install} puts in front of the address to which it goes for a plugin. */
    private static final String INSTALLED = "sallyport:";

    /**
     * @param plugin whom it would be for, if that can be told
     * @return grants nothing to nobody
     */
    static GrantTerms none(String plugin, String source, String problem) {
        return new GrantTerms(
                plugin, "", "", "", null, Set.of(), Set.of(), 0, Set.of(), Export.NONE, null, -1, -1, -1, -1, false, Budget.NONE,
                Map.of(), source, problem, GrantSyntax.PLAIN);
    }

    @Override
    public boolean appliesTo(String pluginId, PluginOrigin origin) {
        return problem == null
                && startsAs(plugin, pluginId)
                && isAt(origin.location())
                && isOf(origin.digest())
                && isSigned(origin.signers());
    }

    @Override
    public Set<String> exports() {
        return export.interfaces();
    }

    @Override
    public Map<String, Object> exportProperties() {
        return export.properties();
    }

    /**
     * Why a grant for this id does not apply to this plugin, for people: the first thing in its way.
     *
     * @return null if it does apply, or is for other ids
     */
    @Nullable String mismatch(String pluginId, PluginOrigin origin) {
        if (!startsAs(plugin, pluginId)) {
            return null;
        }
        if (problem != null) {
            return "grant " + source + " is REFUSED: " + problem;
        }
        if (!isAt(origin.location())) {
            return differs("location", location, origin.location());
        }
        if (!isOf(origin.digest())) {
            return differs("digest", digest, origin.digest());
        }
        return isSigned(origin.signers()) ? null : differs("signer", signer, signers(origin.signers()));
    }

    private String differs(String what, String own, String found) {
        return "grant " + source + " names the " + what + " " + Printable.text(own, TEXT) + ", and the plugin's is "
                + Printable.text(found, TEXT);
    }

    private static String signers(List<List<String>> signers) {
        return signers.isEmpty()
                ? "none that the framework trusts"
                : signers.stream().map(chain -> String.join(";", chain)).collect(Collectors.joining(" and "));
    }

    /**
     * Neither a module nor the bundle around it has a say in its location. The one by {@code sallyport:install} is the
     * address that its bytes were fetched from, so it counts as that address, too.
     */
    private boolean isAt(String place) {
        return location.isEmpty()
                || anywhere(location, place)
                || place.startsWith(INSTALLED) && anywhere(location, place.substring(INSTALLED.length()));
    }

    private boolean isOf(String modulesDigest) {
        return digest.isEmpty() || digest.equals(modulesDigest);
    }

    @Override
    public boolean confirms(String pluginId, PluginOrigin origin) {
        boolean namesOrigin = !location.isEmpty() || !digest.isEmpty() || !signer.isEmpty();
        return namesOrigin && plugin.equals(pluginId) && appliesTo(pluginId, origin);
    }

    private boolean isSigned(List<List<String>> signers) {
        return signer.isEmpty() || signers.stream().anyMatch(this::isSignedBy);
    }

    private boolean isSignedBy(List<String> chain) {
        try {
            return syntax.isSignedBy(signer, chain);
        } catch (IllegalArgumentException e) {
            return false; // a name that the framework cannot read is nobody that is meant
        }
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
        return (problem == null) == (other.problem == null)
                && plugin.equals(other.plugin)
                && location.equals(other.location)
                && digest.equals(other.digest)
                && signer.equals(other.signer)
                && Objects.equals(allow, other.allow)
                && functions.equals(other.functions)
                && attributes.equals(other.attributes);
    }
}
