package org.sallyport.spi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Keys;
import org.sallyport.wasm.Printable;

/**
 * Keys and values as they stand in configurations, read strictly: what is not exactly of the kind that is wanted is
 * refused with its key, what was found and what is allowed. Declarative Services would convert values, too, but it drops
 * elements of lists, takes an empty list for no value and any text for a false, and where it cannot convert it gives up the
 * component with a message that names no key.
 *
 * <p>All methods throw {@link IllegalArgumentException}, whose message is for the operator.
 */
public final class ConfigValues {
    /** Milliseconds: 31 years, which every clock can add to the time that it is. */
    public static final long LONGEST_MILLIS = 1_000_000_000_000L;
    /** Of keys that Configuration Admin, Declarative Services and those who write configurations add. */
    private static final List<String> FRAMEWORK =
            List.of("service.", "component.", "felix.", "osgi.", "org.osgi.", "org.apache.", ".");

    private ConfigValues() {}

    /**
     * @param known all keys of this configuration
     * @return what is wrong with the key, or null: it is known, or was added by the framework
     */
    public static @Nullable String keyFault(String key, Collection<String> known) {
        if (known.contains(key)) {
            return null;
        }
        String bare = bare(key);
        for (String own : known) {
            if (bare(own).equals(bare)) { // timeout as Timeout, .timeout
                return "write " + own + " instead of " + Printable.name(key);
            }
        }
        return FRAMEWORK.stream().anyMatch(key::startsWith) ? null : Keys.unknown(key, known);
    }

    private static String bare(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{Nd}]", "");
    }

    /** @param value a whole number, or the text of one */
    public static long number(String key, @Nullable Object value, long least, long most) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte
                || value instanceof String) {
            try {
                long number = Long.parseLong(value.toString().strip());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
        }
        throw fault(key, "a number from " + least + (most == Long.MAX_VALUE ? "" : " to " + most), value);
    }

    /** @param value {@code true} or {@code false}, or the text of one */
    public static boolean flag(String key, @Nullable Object value) {
        String text = value instanceof Boolean || value instanceof String ? value.toString().strip() : "";
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw fault(key, "true or false", value);
        };
    }

    /** @return the text without blanks around it; it may be empty */
    public static String text(String key, @Nullable Object value) {
        if (value instanceof String text) {
            return text.strip();
        }
        throw fault(key, "one text", value);
    }

    /**
     * @param value a text with commas between the names, or an array or a collection of such texts
     * @return the names without blanks around them, in order; none of them is empty, but there may be none
     */
    public static List<String> names(String key, @Nullable Object value) {
        Collection<?> texts = switch (value) {
            case String text -> List.of(text);
            case Object[] array -> Arrays.asList(array);
            case Collection<?> collection -> collection;
            case null, default -> throw fault(key, "names with commas between them, or a list of names", value);
        };
        List<String> names = new ArrayList<>();
        for (Object each : texts) {
            if (!(each instanceof String text)) {
                throw fault(key, "names with commas between them, or a list of names", value);
            }
            for (String name : text.split(",")) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return names;
    }

    private static IllegalArgumentException fault(String key, String wanted, @Nullable Object found) {
        return new IllegalArgumentException(key + " must be " + wanted + ", found " + found(found));
    }

    private static String found(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case String text -> '"' + Printable.name(text) + '"';
            case Object[] array -> "the array " + Printable.name(Arrays.toString(array));
            case Collection<?> list -> "the list " + Printable.name(list.toString());
            default -> value.getClass().isArray()
                    ? "an array of " + value.getClass().getComponentType()
                    : value.getClass().getSimpleName() + " " + Printable.name(value.toString());
        };
    }
}
