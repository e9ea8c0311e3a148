package org.sallyport.host.wasi;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.ConfigValues;

/** Where the directories of grants are on this host. */
final class Places {
    private static final String PLUGIN = "{plugin}";
    private static final String DATA = "data:";
    private static final String MEMORY = "memory:";
    private static final long MEMORY_BYTES = 16 << 20;
    private static final long MOST_BYTES = 1L << 40;

    private final Supplier<@Nullable Path> data;

    /** @param data the directory below which each plugin has one of its own; null if there is none */
    Places(Supplier<@Nullable Path> data) {
        this.data = data;
    }

    /** A directory as each instance finds it; closes what is the instance's own. */
    interface Place {
        Path open(Closer closer) throws IOException;
    }

    /** Is told what is to be closed with an instance. */
    interface Closer {
        void add(Closeable resource);
    }

    /**
     * @param host as a grant has it
     * @throws IllegalArgumentException if there is none, or it is not the plugin's own
     */
    Place of(String host, String plugin) {
        if (host.startsWith(MEMORY)) {
            String bytes = host.substring(MEMORY.length());
            return MemoryPlace.of(
                    bytes.isEmpty() ? MEMORY_BYTES : ConfigValues.number("memory:", bytes, 1, MOST_BYTES));
        }
        Path path = host.startsWith(DATA) ? ownData(host, plugin) : path(host, plugin);
        if (!Files.isDirectory(path)) {
            throw new IllegalArgumentException("there is no directory " + path);
        }
        return _ -> path;
    }

    private Path ownData(String host, String plugin) {
        if (!host.equals(DATA)) {
            throw new IllegalArgumentException("behind data: there is nothing, found " + host);
        }
        Path root = data.get();
        if (root == null) {
            throw new IllegalArgumentException("data: needs a directory where the host keeps data: new WasiModule(directory)");
        }
        return made(root.resolve(component(plugin)));
    }

    private static Path path(String host, String plugin) {
        boolean own = host.contains(PLUGIN);
        Path path = Path.of(own ? host.replace(PLUGIN, component(plugin)) : host);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("the path must be absolute, found " + host);
        }
        return own ? made(path) : path;
    }

    /** An id is a plugin's own word, and may be one that means another directory. */
    private static String component(String plugin) {
        if (plugin.equals(".") || plugin.equals("..")) {
            throw new IllegalArgumentException("a plugin called " + plugin + " has no directory of its own");
        }
        return plugin;
    }

    private static Path made(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot make the directory " + path + ": " + e.getMessage(), e);
        }
    }
}
