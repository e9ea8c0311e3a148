package org.sallyport.host.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Budget;
import org.sallyport.host.ModuleFilter;
import org.sallyport.spi.ConfigValues;
import org.sallyport.wasm.Printable;

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
            "export",
            "timeout",
            "fuel",
            "memory",
            "exceptions",
            "max-traps",
            "shared-memory",
            "budget",
            "budget.memory",
            "budget.instances",
            "budget.call-cpu",
            "budget.minute-cpu",
            "budget.host-calls",
            "budget.log-lines");
    private static final String ATTRIBUTE = "attribute.";
    private static final String EXPORT = "export.";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.-]{1,128}\\*?|\\*");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern OFFER = Pattern.compile("[\\p{L}\\p{Nd}_$.]*\\*?");

    private final Map<String, ?> properties;
    private final GrantSyntax syntax;

    GrantReader(Map<String, ?> properties, GrantSyntax syntax) {
        this.properties = properties;
        this.syntax = syntax;
    }

    /** The configuration's pid. */
    String source() {
        return properties.containsKey("service.pid") ? String.valueOf(properties.get("service.pid")) : "for " + plugin();
    }

    /** Whom it is for, or empty. */
    String plugin() {
        return properties.get("plugin") instanceof String name ? name.strip() : "";
    }

    /** @throws IllegalArgumentException says which property makes no sense */
    GrantTerms terms() {
        checkKeys();
        return new GrantTerms(
                id(),
                condition("location"),
                digest(condition("digest")),
                signer(condition("signer")),
                filter(text("allow")),
                functions(),
                interfaces("offer"),
                (int) number("ranking", 0, Integer.MAX_VALUE, 0),
                names("properties"),
                new Export(interfaces("export"), exportProperties()),
                timeout(),
                fuel(),
                number("memory", 0, Long.MAX_VALUE, -1),
                number("exceptions", 0, Long.MAX_VALUE, -1),
                (int) number("max-traps", 0, Integer.MAX_VALUE, -1),
                properties.containsKey("shared-memory")
                        && ConfigValues.flag("shared-memory", properties.get("shared-memory")),
                budget(),
                attributes(),
                source(),
                null,
                syntax);
    }

    /** A key that nobody knows may be a mistyped condition. */
    private void checkKeys() {
        Set<String> known = new HashSet<>(OWN);
        known.add(ATTRIBUTE + "NAME");
        known.add(EXPORT + "NAME");
        for (String name : new TreeSet<>(properties.keySet())) {
            String fault = isNamed(ATTRIBUTE, name) || isNamed(EXPORT, name) ? null : ConfigValues.keyFault(name, known);
            if (fault != null) {
                throw fault(fault, null);
            }
        }
    }

    private String id() {
        String id = text("plugin");
        if (!ID.matcher(id).matches()) {
            throw fault(
                    id.isEmpty()
                            ? "needs the property plugin: the id of the plugin it is for"
                            : "plugin must be an id (letters, digits and . _ -), with * at the end for any rest, found \""
                                    + Printable.name(id) + "\"",
                    null);
        }
        return id;
    }

    private String text(String key) {
        return properties.containsKey(key) ? ConfigValues.text(key, properties.get(key)) : "";
    }

    /** Text that narrows a grant: it must not be lost to a slip. */
    private String condition(String key) {
        String text = text(key);
        if (text.isEmpty() && properties.containsKey(key)) {
            throw fault(key + " is empty; leave it out, or say what must match", null);
        }
        return text;
    }

    private Set<String> names(String key) {
        return properties.containsKey(key) ? Set.copyOf(ConfigValues.names(key, properties.get(key))) : Set.of();
    }

    private Set<String> functions() {
        Set<String> names = names("functions");
        if (names.isEmpty() && properties.containsKey("functions")) {
            throw fault("functions is empty; leave it out, or name those that it may call", null);
        }
        return names;
    }

    private long number(String key, long least, long most, long otherwise) {
        return properties.containsKey(key) ? ConfigValues.number(key, properties.get(key), least, most) : otherwise;
    }

    /** 0 sets no limit, as in a manifest. */
    private @Nullable Duration timeout() {
        long millis = number("timeout", 0, ConfigValues.LONGEST_MILLIS, 0);
        return millis == 0 ? null : Duration.ofMillis(millis);
    }

    /** Likewise. */
    private long fuel() {
        long units = number("fuel", 0, Long.MAX_VALUE, 0);
        return units == 0 ? -1 : units;
    }

    private Budget budget() {
        String mode = text("budget");
        if (properties.containsKey("budget") && !mode.equals("enforce") && !mode.equals("observe")) {
            throw fault("budget must be enforce or observe, found \"" + Printable.name(mode) + "\"", null);
        }
        Budget budget = new Budget(
                !mode.equals("observe"),
                number("budget.memory", 0, Long.MAX_VALUE, -1),
                (int) number("budget.instances", 1, Integer.MAX_VALUE, -1),
                number("budget.call-cpu", 1, ConfigValues.LONGEST_MILLIS, -1),
                number("budget.minute-cpu", 1, ConfigValues.LONGEST_MILLIS, -1),
                number("budget.host-calls", 0, Long.MAX_VALUE, -1),
                number("budget.log-lines", 0, Long.MAX_VALUE, -1));
        return budget.describe().isEmpty() ? Budget.NONE : budget;
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
                syntax.checkSigner(pattern);
            }
            return pattern;
        } catch (IllegalArgumentException e) {
            throw fault("signer is no pattern for a chain of distinguished names: " + e.getMessage(), e);
        }
    }

    private @Nullable ModuleFilter filter(String allow) {
        try {
            if (allow.isEmpty()) {
                return null;
            }
            ModuleFilter filter = ModuleFilter.of(allow);
            syntax.checkFilter(allow);
            return filter;
        } catch (IllegalArgumentException e) {
            throw fault("allow is no LDAP filter: " + e.getMessage(), e);
        }
    }

    private Set<String> interfaces(String key) {
        Set<String> names = names(key);
        for (String name : names) {
            if (!OFFER.matcher(name).matches()) {
                throw fault(key + " must be names of interfaces, with * at the end for any rest", null);
            }
        }
        return names;
    }

    private static boolean isNamed(String prefix, String key) {
        return key.startsWith(prefix) && key.length() > prefix.length();
    }

    private Map<String, Object> attributes() {
        return named(ATTRIBUTE);
    }

    private Map<String, Object> exportProperties() {
        Map<String, Object> found = named(EXPORT);
        for (String name : new TreeSet<>(found.keySet())) {
            if (!Export.isFree(name)) {
                throw fault(EXPORT + name + " is not for grants to say; export names the interfaces", null);
            }
        }
        return found;
    }

    private Map<String, Object> named(String prefix) {
        Map<String, Object> found = new HashMap<>();
        properties.forEach((key, value) -> {
            if (isNamed(prefix, key)) {
                found.put(key.substring(prefix.length()), value);
            }
        });
        return Map.copyOf(found);
    }

    private IllegalArgumentException fault(String what, @Nullable Throwable cause) {
        return new IllegalArgumentException(what, cause);
    }
}
