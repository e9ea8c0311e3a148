package org.sallyport.host.impl;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.sallyport.host.Keys;

/** Reads one configuration of a grant. What cannot be read is refused as a whole. */
final class GrantReader {
    private static final Set<String> OWN = Set.of(
            "plugin",
            "location",
            "digest",
            "signer",
            "allow",
            "functions",
            "offer",
            "ranking",
            "properties",
            "timeout",
            "memory",
            "max-traps");
    private static final Set<String> NARROWING = Set.of("location", "digest", "signer", "functions");
    private static final String ATTRIBUTE = "attribute.";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern OFFER = Pattern.compile("[\\p{L}\\p{Nd}_$.]*\\*?");

    private final GrantComponent.Config config;
    private final Map<String, Object> properties;

    GrantReader(GrantComponent.Config config, Map<String, Object> properties) {
        this.config = config;
        this.properties = properties;
    }

    /** The configuration's pid. */
    String source() {
        return String.valueOf(properties.get("service.pid"));
    }

    /** Whom it is for, or empty. */
    String plugin() {
        return properties.get("plugin") instanceof String name ? name.strip() : "";
    }

    /** @throws IllegalArgumentException says which property makes no sense */
    GrantTerms terms() {
        if (text(config.plugin()).isEmpty()) {
            throw fault("needs the property plugin: the id of the plugin it is for", null);
        }
        properties.forEach(this::checkKey);
        return new GrantTerms(
                text(config.plugin()),
                text(config.location()),
                digest(text(config.digest())),
                signer(text(config.signer())),
                filter(text(config.allow())),
                names(config.functions()),
                offers(names(config.offer())),
                (int) number("ranking", 0, Integer.MAX_VALUE, 0),
                names(config.properties()),
                timeout(),
                number("memory", 0, Long.MAX_VALUE, -1),
                (int) number("max-traps", 0, Integer.MAX_VALUE, -1),
                attributes(),
                source(),
                null);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value.strip();
    }

    /** What narrows a grant must not be lost to a slip: an empty condition, or one that is taken for an attribute. */
    private void checkKey(String name, Object value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (OWN.contains(lower) && !lower.equals(name)) {
            throw fault("write " + lower + " instead of " + name, null);
        }
        if (NARROWING.contains(name) && String.valueOf(value).isBlank()) {
            throw fault(name + " is empty; leave it out, or say what must match", null);
        }
    }

    private long number(String key, long least, long most, long otherwise) {
        return properties.containsKey(key)
                ? ConfigValues.number(key, properties.get(key), least, most)
                : otherwise;
    }

    /** 0 sets no limit, as in a manifest. */
    private @Nullable Duration timeout() {
        long millis = number("timeout", 0, ConfigValues.LONGEST_MILLIS, 0);
        return millis == 0 ? null : Duration.ofMillis(millis);
    }

    private String digest(String value) {
        String digits = value.toLowerCase(Locale.ROOT);
        if (!digits.isEmpty() && !DIGEST.matcher(digits).matches()) {
            throw fault("digest must be 64 hexadecimal digits, the SHA-256 of the module", null);
        }
        return digits;
    }

    private String signer(String pattern) {
        try {
            if (!pattern.isEmpty()) {
                FrameworkUtil.matchDistinguishedNameChain(pattern, List.of("CN=nobody"));
            }
            return pattern;
        } catch (IllegalArgumentException e) {
            throw fault("signer is no pattern for a chain of distinguished names: " + e.getMessage(), e);
        }
    }

    private @Nullable Filter filter(String allow) {
        try {
            return allow.isEmpty() ? null : FrameworkUtil.createFilter(allow);
        } catch (InvalidSyntaxException e) {
            throw fault("allow is no LDAP filter: " + e.getMessage(), e);
        }
    }

    private Set<String> offers(Set<String> names) {
        for (String name : names) {
            if (!OFFER.matcher(name).matches()) {
                throw fault("offer must be names of interfaces, with * at the end for any rest", null);
            }
        }
        return names;
    }

    /** Arrays and collections come one by one, text of a file with commas. */
    private static Set<String> names(String @Nullable [] values) {
        Set<String> names = new TreeSet<>();
        for (String value : values == null ? new String[0] : values) {
            for (String name : value.split(",")) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return Set.copyOf(names);
    }

    /** @throws IllegalArgumentException if there is a key that nobody knows: it may be a mistyped condition */
    private Map<String, Object> attributes() {
        Map<String, Object> attributes = new HashMap<>();
        for (Map.Entry<String, Object> entry : properties.entrySet()) {
            String name = entry.getKey();
            if (name.startsWith(ATTRIBUTE) && name.length() > ATTRIBUTE.length()) {
                attributes.put(name.substring(ATTRIBUTE.length()), entry.getValue());
            } else if (!OWN.contains(name) && !ConfigValues.isOfFramework(name)) {
                Set<String> known = new HashSet<>(OWN);
                known.add(ATTRIBUTE + "NAME");
                throw fault(Keys.unknown(name, known), null);
            }
        }
        return Map.copyOf(attributes);
    }

    private IllegalArgumentException fault(String what, @Nullable Throwable cause) {
        return new IllegalArgumentException(what, cause);
    }
}
