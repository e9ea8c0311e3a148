package org.sallyport.cdi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.sallyport.wasm.Keys;
import org.sallyport.wasm.Printable;

/**
 * Settings of an application's plugins: those of the files {@value #FILE} on the application's class path, under those of
 * MicroProfile Config, or where nobody has that, under system properties.
 *
 * <pre>
 * sallyport.plugin.ID.module    = plugins/discount.wasm   (on the application's class path, or a URL; NAME.wat is text)
 * sallyport.plugin.ID.KEY       = …                       (keys of {@link org.sallyport.host.PluginManifest})
 * sallyport.grant.NAME.plugin   = ID
 * sallyport.grant.NAME.KEY      = …                       (keys of {@link org.sallyport.host.Grant})
 * sallyport.host.KEY            = …                       (settings of the plugin host)
 * </pre>
 *
 * <p>The names are those of the OSGi configuration. What has no {@code module} is no plugin, and a grant without {@code plugin}
 * is refused.
 */
public final class Settings {
    /** Where an application has its own settings. */
    public static final String FILE = "META-INF/sallyport.properties";

    static final String PLUGIN = "sallyport.plugin.";
    static final String GRANT = "sallyport.grant.";
    private static final String HOST = "sallyport.host.";
    private static final String PREFIX = "sallyport.";
    private static final List<String> KINDS = List.of(PLUGIN, GRANT, HOST);
    /** After these a key may be anything. */
    private static final List<String> OPEN = List.of("ask", "attribute", "property");

    private final Map<String, String> values;

    /** @param values by their whole names; others than Sallyport's do not matter */
    public Settings(Map<String, String> values) {
        this.values = new TreeMap<>(values);
    }

    /** The settings of the application whose classes that loader finds. */
    public static Settings of(ClassLoader application) {
        Map<String, String> values = new HashMap<>();
        files(application, values);
        if (!microProfile(application, values)) {
            System.getProperties().stringPropertyNames().stream()
                    .filter(name -> name.startsWith(PREFIX))
                    .forEach(name -> values.put(name, System.getProperty(name)));
        }
        return new Settings(values);
    }

    private static boolean microProfile(ClassLoader application, Map<String, String> values) {
        try {
            Config config = ConfigProvider.getConfig(application);
            for (String name : config.getPropertyNames()) {
                if (name.startsWith(PREFIX)) {
                    config.getOptionalValue(name, String.class).ifPresent(value -> values.put(name, value));
                }
            }
            return true;
        } catch (NoClassDefFoundError | IllegalStateException e) { // no such API, or nobody who implements it
            return false;
        }
    }

    private static void files(ClassLoader application, Map<String, String> values) {
        try {
            for (URL file : Collections.list(application.getResources(FILE))) {
                Properties properties = new Properties();
                try (InputStream in = file.openStream()) {
                    properties.load(in);
                }
                for (String name : properties.stringPropertyNames()) {
                    checkKind(name, file);
                    values.putIfAbsent(name, properties.getProperty(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE + " of the application: " + e.getMessage(), e);
        }
    }

    /** In a file of our own nothing else stands: a limit must not get lost by a slip of the pen. */
    private static void checkKind(String name, URL file) {
        if (KINDS.stream().noneMatch(name::startsWith)) {
            int kind = name.indexOf('.', PREFIX.length());
            throw new IllegalArgumentException(file + ": " + Keys.unknown(kind < 0 ? name : name.substring(0, kind + 1), KINDS)
                    + ", in " + Printable.name(name));
        }
    }

    /** Keys and values of each plugin by its id. */
    Map<String, Map<String, String>> plugins() {
        return groups(PLUGIN, ".module");
    }

    /** Keys and values of each grant by its name. */
    Map<String, Map<String, String>> grants() {
        return groups(GRANT, ".plugin");
    }

    /** Keys and values of the plugin host. */
    Map<String, String> host() {
        return below(HOST);
    }

    private Map<String, String> below(String prefix) {
        Map<String, String> found = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /**
     * Names may have dots: one ends where a key begins, and {@code mark} is the key that each group has.
     *
     * @throws IllegalArgumentException if there are settings of a group without it
     */
    private Map<String, Map<String, String>> groups(String prefix, String mark) {
        Map<String, String> all = below(prefix);
        List<String> names = all.keySet().stream()
                .filter(name -> name.endsWith(mark) && name.length() > mark.length())
                .map(name -> name.substring(0, name.length() - mark.length()))
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
        names = names.stream().filter(isNoKeyOf(names)).toList();
        return grouped(prefix, mark, all, names);
    }

    /** Not {@code a.property} where there is an {@code a}: {@code a.property.module} is a key of that one. */
    private static Predicate<String> isNoKeyOf(List<String> names) {
        return name -> names.stream().noneMatch(other -> OPEN.stream().anyMatch(open ->
                name.equals(other + "." + open) || name.startsWith(other + "." + open + ".")));
    }

    private static Map<String, Map<String, String>> grouped(
            String prefix, String mark, Map<String, String> all, List<String> names) {
        Map<String, Map<String, String>> groups = new TreeMap<>();
        names.forEach(name -> groups.put(name, new TreeMap<>()));
        TreeSet<String> lost = new TreeSet<>();
        all.forEach((name, value) -> names.stream()
                .filter(group -> name.startsWith(group + "."))
                .findFirst()
                .ifPresentOrElse(
                        group -> groups.get(group).put(name.substring(group.length() + 1), value),
                        () -> lost.add(prefix + name)));
        if (!lost.isEmpty()) {
            throw new IllegalArgumentException("settings of nothing: " + Printable.message(String.join(", ", lost))
                    + "; each " + prefix + "NAME needs " + prefix + "NAME" + mark);
        }
        return groups;
    }
}
