package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.GuestSample;
import org.sallyport.Profiler;

/** What {@code run --profile} does while the guest runs, and what it writes when that has ended, however it did. */
final class Profiling implements AutoCloseable {
    private static final String OPTION = "--profile";
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final long SHORTEST = 100_000;
    /** Read when the engine maps its first code. */
    private static final String PERF_MAP = "sallyport.perfMap";

    /** What is written, and where it goes. */
    enum Kind {
        TEXT(""),
        FIREFOX(".profile.json"),
        JFR(".jfr"),
        PERF("");

        private final String ending;

        Kind(String ending) {
            this.ending = ending;
        }
    }

    /** @param file null: the usual one */
    record Choice(Kind kind, @Nullable String file, Duration period) {}

    private final Choice choice;
    private final String module;
    private final Streams streams;
    private final List<GuestSample> samples = new ArrayList<>(); // added to by the profiler alone, until it is closed
    private final @Nullable AutoCloseable recording;
    private final @Nullable Profiler profiler;

    private Profiling(Choice choice, Engine engine, String module, Streams streams) {
        this.choice = choice;
        this.module = module;
        this.streams = streams;
        recording = choice.kind == Kind.JFR ? FlightFile.begin() : null;
        profiler = choice.kind == Kind.PERF ? null : engine.startProfiler(choice.period, samples::add);
    }

    static void describe(Syntax syntax) {
        syntax.choice(OPTION, "KIND[,FILE[,TIME]]", List.of("text", "firefox", "jfr", "perf"), "Look where the guest is, each"
                + " millisecond or TIME. text: write a table of its functions. firefox: write NAME.profile.json for"
                + " profiler.firefox.com. jfr: write NAME.jfr for JDK Mission Control, with Java's own events. perf: write"
                + " /tmp/perf-PID.map, by which perf(1), which looks itself, names functions.");
    }

    /** What the line asks for, or null. Before an engine is made. */
    static @Nullable Choice choice(Line line) {
        if (!line.has(OPTION)) {
            return null;
        }
        String[] parts = line.value(OPTION).split(",", -1);
        Kind kind = switch (parts[0]) {
            case "text" -> Kind.TEXT;
            case "firefox" -> Kind.FIREFOX;
            case "jfr" -> Kind.JFR;
            case "perf" -> Kind.PERF;
            default -> throw new UsageException(
                    OPTION + " " + HostText.shown(parts[0]) + ": expected text, firefox, jfr or perf");
        };
        if (kind == Kind.PERF) {
            if (parts.length > 1) {
                throw new UsageException(OPTION + " perf: the file is always /tmp/perf-PID.map, and perf chooses when it looks");
            }
            System.setProperty(PERF_MAP, "true");
        }
        if (parts.length > 3) {
            throw new UsageException(OPTION + " " + HostText.shown(line.value(OPTION)) + ": expected KIND[,FILE[,TIME]]");
        }
        String file = parts.length > 1 && !parts[1].isEmpty() ? parts[1] : null;
        return new Choice(kind, file, parts.length > 2 ? period(parts[2]) : PERIOD);
    }

    private static Duration period(String text) {
        try {
            Duration period = Quantity.duration(text);
            if (period.toNanos() >= SHORTEST) {
                return period;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(OPTION + ": " + e.getMessage());
        }
        throw new UsageException(OPTION + ": looking more often than each 100us is not possible; 1ms is usual");
    }

    /** @return null if nothing is asked for */
    static @Nullable Profiling begin(@Nullable Choice choice, Engine engine, String module, Streams streams) {
        try {
            return choice == null ? null : new Profiling(choice, engine, module, streams);
        } catch (UnsupportedOperationException e) {
            throw new FailureException(OPTION + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        long lost = 0;
        if (profiler != null) {
            profiler.close();
            lost = profiler.lost();
        }
        if (choice.kind == Kind.PERF) {
            streams.say("functions for perf are in /tmp/perf-" + ProcessHandle.current().pid() + ".map");
            return;
        }
        String file = choice.file != null || choice.kind == Kind.TEXT
                ? choice.file
                : CompileCommand.usualName(module.equals("-") ? "profile" : module, choice.kind.ending);
        try {
            write(file, lost);
        } catch (FailureException e) {
            streams.say("no profile: " + e.getMessage());
        }
    }

    private void write(@Nullable String file, long lost) throws IOException {
        switch (choice.kind) {
            case TEXT -> {
                String text = ProfileText.of(samples, choice.period, lost);
                if (file == null) {
                    streams.err().print(text);
                    return;
                }
                OutputFile.write(file, text.getBytes(StandardCharsets.UTF_8), streams);
            }
            case FIREFOX -> OutputFile.write(
                    String.valueOf(file),
                    FirefoxProfile.of(module, samples, choice.period).getBytes(StandardCharsets.UTF_8),
                    streams);
            case JFR -> FlightFile.end(recording, HostPath.of(String.valueOf(file)));
            case PERF -> throw new AssertionError("BUG: perf writes itself");
        }
        streams.say("profile of " + samples.size() + " samples written to " + HostText.shown(String.valueOf(file)));
    }
}
