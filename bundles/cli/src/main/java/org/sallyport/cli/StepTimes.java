package org.sallyport.cli;

import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.CodeCache;

/** Times for {@code --verbose}. */
final class StepTimes {
    private final boolean verbose;
    private final Streams streams;
    private long since = System.nanoTime();

    StepTimes(boolean verbose, Streams streams) {
        this.verbose = verbose;
        this.streams = streams;
        if (verbose) {
            sayLaunch(System.getProperty("sallyport.launched", ""));
        }
    }

    /** @param launched when the launcher began, in seconds since the epoch; empty if none did */
    private void sayLaunch(String launched) {
        try {
            BigDecimal start = new BigDecimal(launched.replace(',', '.')).movePointRight(3);
            say("launcher, start of Java", System.currentTimeMillis() - start.doubleValue());
        } catch (NumberFormatException e) {
            // there is nothing to say
        }
    }

    boolean isVerbose() {
        return verbose;
    }

    void say(String text) {
        if (verbose) {
            streams.say(text);
        }
    }

    void say(@Nullable CodeCache cache) {
        if (verbose) {
            say(cache == null ? "no code cache" : "code cache: " + shown(cache.statistics()));
        }
    }

    private static String shown(CodeCache.Statistics counts) {
        return "hits=" + counts.hits() + ", misses=" + counts.misses() + ", stored=" + counts.stored()
                + ", refused=" + counts.refused() + ", failures=" + counts.failures()
                + ", evicted=" + counts.evicted() + "; it holds " + counts.entries() + " modules, "
                + counts.bytes() + " bytes";
    }

    void done(String step) {
        if (verbose) {
            long now = System.nanoTime();
            say(step, (now - since) / 1e6);
            since = System.nanoTime();
        }
    }

    private void say(String step, double milliseconds) {
        say(String.format(Locale.ROOT, "%-30s %9.3f ms", step, milliseconds));
    }
}
