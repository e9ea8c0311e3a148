package org.sallyport.host.wasi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.sallyport.spi.ConfigValues;
import org.sallyport.wasm.Keys;
import org.sallyport.wasm.Printable;

/**
 * The parts of WASI that a plugin's grants give it, as attributes of grants:
 *
 * <pre>
 * attribute.wasi.read     = /srv/templates::/templates          (directories that it may read, HOST::GUEST)
 * attribute.wasi.write    = /srv/plugins/{plugin}::/data, memory:::/tmp     (and write)
 * attribute.wasi.env.LANG = C.UTF-8                             (an environment variable)
 * attribute.wasi.clock    = true                                (it may ask for the time, and sleep)
 * attribute.wasi.random   = true                                (it may have random numbers)
 * attribute.wasi.output   = log                                 (its output goes to the log; else nowhere)
 * attribute.wasi.lines    = 100                                 (of that, lines in a second at most)
 * </pre>
 *
 * {@code HOST} is an absolute path, {@code data:} for a directory of the plugin's own that the host keeps, or {@code memory:}
 * for one that each instance has in memory, {@code memory:BYTES} of that size. <code>{plugin}</code> in a path stands for the
 * plugin's id. Nothing that is not there is granted: time and random numbers are then answered with {@code ENOTSUP}. There
 * are no sockets.
 *
 * @param directories in the order in which the guest finds them
 * @param lines that go to the log in a second at most
 */
public record WasiGrant(
        List<Directory> directories, Map<String, String> env, boolean clock, boolean random, boolean log, int lines) {
    /** What attributes of a WASI grant begin with. */
    public static final String PREFIX = "wasi.";

    private static final String ENV = "wasi.env.";
    private static final Set<String> KEYS = Set.of(
            "wasi.read", "wasi.write", "wasi.clock", "wasi.random", "wasi.output", "wasi.lines", "wasi.env.NAME");
    private static final int LINES = 100;
    private static final int MOST_LINES = 1_000_000;

    /**
     * @param host a path, {@code data:} or {@code memory:…}
     * @param guest the guest's name for it
     */
    public record Directory(String host, String guest, boolean writable) {}

    public WasiGrant {
        directories = List.copyOf(directories);
        env = Map.copyOf(env);
    }

    /**
     * Reads the attributes of a plugin's grants; those of others are not looked at.
     *
     * @throws IllegalArgumentException names the key and what is wrong
     */
    public static WasiGrant of(Map<String, ?> attributes) {
        Map<String, String> env = new TreeMap<>();
        for (String key : new TreeSet<>(attributes.keySet())) {
            if (key.startsWith(ENV) && key.length() > ENV.length()) {
                env.put(key.substring(ENV.length()), String.valueOf(attributes.get(key)));
            } else if (key.startsWith(PREFIX) && !KEYS.contains(key)) {
                throw new IllegalArgumentException("attribute." + key + ": " + Keys.unknown(key, KEYS));
            }
        }
        List<Directory> directories = new ArrayList<>();
        directories(attributes, "wasi.read", false, directories);
        directories(attributes, "wasi.write", true, directories);
        return new WasiGrant(
                directories,
                env,
                flag(attributes, "wasi.clock"),
                flag(attributes, "wasi.random"),
                log(attributes),
                attributes.containsKey("wasi.lines")
                        ? (int) ConfigValues.number("wasi.lines", attributes.get("wasi.lines"), 0, MOST_LINES)
                        : LINES);
    }

    private static boolean flag(Map<String, ?> attributes, String key) {
        return attributes.containsKey(key) && ConfigValues.flag(key, attributes.get(key));
    }

    private static boolean log(Map<String, ?> attributes) {
        if (!attributes.containsKey("wasi.output")) {
            return false;
        }
        String where = ConfigValues.text("wasi.output", attributes.get("wasi.output"));
        return switch (where) {
            case "log" -> true;
            case "none" -> false;
            default -> throw new IllegalArgumentException(
                    "wasi.output must be log or none, found \"" + Printable.name(where) + "\"");
        };
    }

    private static void directories(Map<String, ?> attributes, String key, boolean writable, List<Directory> into) {
        if (!attributes.containsKey(key)) {
            return;
        }
        for (String text : ConfigValues.names(key, attributes.get(key))) {
            int split = text.lastIndexOf("::");
            if (split <= 0 || split + 2 == text.length()) {
                throw new IllegalArgumentException(
                        key + " must be directories as HOST::GUEST, found \"" + Printable.name(text) + "\"");
            }
            into.add(new Directory(text.substring(0, split), text.substring(split + 2), writable));
        }
    }
}
