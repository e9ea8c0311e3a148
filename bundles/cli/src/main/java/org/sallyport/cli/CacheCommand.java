package org.sallyport.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.sallyport.BackEndKind;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.Config;
import org.sallyport.Engine;

/** Shows what {@code run} keeps, and deletes it. */
final class CacheCommand extends Subcommand {
    /** The user's cache before anything was kept. */
    private static final class Nothing implements CodeCache {
        @Override
        public Statistics statistics() {
            return new Statistics(0, 0, 0, 0, 0, 0, 0, 0);
        }

        @Override
        public long prune(long maxBytes) {
            return 0;
        }
    }

    CacheCommand() {
        super("cache", "Show how much compiled code is kept for later runs, or delete it.");
    }

    @Override
    void describe(Syntax syntax) {
        CacheOptions.describeDirectory(syntax);
        syntax.parameter("ACTION", true, List.of("info", "clear", "prune"),
                "info, clear, or prune: delete what was not used for longest.");
        syntax.parameter("SIZE", false, "What prune leaves, such as 64m.");
    }

    @Override
    int execute(Line line, Streams streams) {
        Path directory = CacheOptions.directory(line);
        if (directory == null) {
            throw new FailureException("this user has no cache directory; name one with --cache");
        }
        String action = line.file();
        boolean prunes = action.equals("prune");
        if (line.rest().isEmpty() == prunes) {
            throw new UsageException(prunes ? "prune: say what size to leave" : HostText.shown(action) + ": takes no size");
        }
        CacheConfig.Directory config = CacheConfig.directory(directory);
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) { // asking makes none
            if (line.has(CacheOptions.DIRECTORY)) {
                throw new FailureException(HostText.shown(directory.toString()) + ": there is no such directory");
            }
            streams.out().print(text(action, line, config, new Nothing()));
            return ExitStatus.OK;
        }
        try (Engine engine = Engine.create(Config.defaults().withBackEnd(BackEndKind.NATIVE).withCache(config))) {
            CodeCache cache = engine.codeCache();
            if (cache == null) {
                throw new AssertionError("BUG: an engine without the cache it was configured with");
            }
            streams.out().print(text(action, line, config, cache));
        }
        return ExitStatus.OK;
    }

    private static String text(String action, Line line, CacheConfig.Directory config, CodeCache cache) {
        return switch (action) {
            case "info" -> info(config, cache.statistics());
            case "clear" -> freed(cache.prune(0));
            case "prune" -> freed(cache.prune(size(line.rest().getFirst())));
            default -> throw new UsageException(HostText.shown(action) + ": is none of info, clear and prune");
        };
    }

    private static long size(String text) {
        try {
            return Quantity.bytes(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("prune: " + e.getMessage());
        }
    }

    private static String info(CacheConfig.Directory config, CodeCache.Statistics statistics) {
        return String.format(
                Locale.ROOT,
                "directory  %s%nmodules    %d%nbytes      %d of %d%n",
                config.path(),
                statistics.entries(),
                statistics.bytes(),
                config.maxBytes());
    }

    private static String freed(long bytes) {
        return "freed " + bytes + " bytes\n";
    }
}
