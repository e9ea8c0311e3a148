package org.sallyport.cli;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCacheException;
import org.sallyport.Config;
import org.sallyport.Engine;

/**
 * Where {@code run} keeps compiled code: in the user's cache directory ({@code $XDG_CACHE_HOME/sallyport}, else
 * {@code ~/.cache/sallyport}), unless the command line says otherwise.
 */
final class CacheOptions {
    static final String DIRECTORY = "--cache";
    private static final String OFF = "--no-cache";
    /** Enough blocks for the JVM to compile what digests them. */
    private static final int WARMING_BYTES = 512 << 10;

    private CacheOptions() {}

    static void describe(Syntax syntax) {
        describeDirectory(syntax);
        syntax.flag(OFF, "Compile, whatever was compiled before, and keep nothing.");
    }

    static void describeDirectory(Syntax syntax) {
        syntax.option(DIRECTORY, "DIR", "Keep compiled code in this directory, not in the user's cache.");
    }

    static boolean isOff(Line line) {
        return line.has(OFF);
    }

    /**
     * What the cache will need of the JDK, done in a thread beside: finding who implements SHA-256, and having it compiled.
     * A fresh JVM takes tens of milliseconds for that, as it does for what the main thread does meanwhile.
     */
    static void prepare(Line line) {
        if (!isOff(line)) {
            Thread.ofPlatform().daemon().name("sallyport-digest").start(CacheOptions::digest);
        }
    }

    private static void digest() {
        try {
            MessageDigest.getInstance("SHA-256").digest(new byte[WARMING_BYTES]);
        } catch (NoSuchAlgorithmException e) {
            // the cache will say so
        }
    }

    /** An engine with the cache that the line asks for; a cache that nobody asked for is not worth failing. */
    static Engine engine(Config config, Line line, Streams streams) {
        if (line.has(OFF) && line.has(DIRECTORY)) {
            throw new UsageException(OFF + " and " + DIRECTORY + ": give one of them");
        }
        try {
            Path directory = line.has(OFF) ? null : directory(line);
            if (directory == null) {
                return Engine.create(config);
            }
            return Engine.create(config.withCache(CacheConfig.directory(directory)));
        } catch (CodeCacheException e) {
            if (line.has(DIRECTORY)) {
                throw e;
            }
            if (e.problem() == CodeCacheException.Problem.UNSAFE) {
                streams.say("the code cache is not used: " + e.getMessage());
            }
            return Engine.create(config);
        } catch (FailureException e) {
            if (line.has(DIRECTORY)) {
                throw e;
            }
            streams.say("the code cache is not used: " + e.getMessage());
            return Engine.create(config);
        }
    }

    /** What the line says, else the user's; null if there is no place for one. */
    static @Nullable Path directory(Line line) {
        return line.has(DIRECTORY)
                ? HostPath.of(line.value(DIRECTORY))
                : ofUser(System.getProperty("sallyport.cache"), HostProcess::variable, System.getProperty("user.home", ""));
    }

    /** @param chosen the system property {@code sallyport.cache}, which names another cache directory, or null */
    static @Nullable Path ofUser(@Nullable String chosen, Function<String, @Nullable String> environment, String home) {
        if (chosen != null) {
            return Path.of(chosen, "code");
        }
        Path caches = UserDirectories.find(environment, "XDG_CACHE_HOME", home, ".cache");
        return caches == null ? null : caches.resolve("sallyport").resolve("code");
    }
}
