package org.sallyport.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command {@code sallyport}. */
public final class Main {
    /** See docs/decisions/full-heap.md. */
    private static final String REHEARSAL = "sallyport.rehearsal";

    private final Streams streams;

    Main(Streams streams) {
        this.streams = streams;
    }

    public static void main(String[] args) {
        if (System.getProperty(REHEARSAL) == null) {
            System.setProperty(REHEARSAL, "false"); // one guest, or one after the other: the start counts
        }
        Main main = new Main(Streams.ofProcess());
        int status;
        try {
            status = main.run(HostProcess.arguments(args));
        } catch (UsageException e) {
            main.streams.say(String.valueOf(e.getMessage()));
            status = ExitStatus.USAGE;
        }
        if (status != ExitStatus.OK) { // else the JVM ends by itself, other threads are daemons: exit asks for a logger first
            System.exit(status);
        }
    }

    /** Runs a command line inside this process; what the command and its guest write goes to the given streams. */
    public static int run(InputStream in, OutputStream out, OutputStream err, String... args) {
        return new Main(Streams.of(in, out, err)).run(args);
    }

    private static List<Subcommand> subcommands() {
        return List.of(
                new RunCommand(),
                new CompileCommand(),
                new ValidateCommand(),
                new InspectCommand(),
                new Wat2WasmCommand(),
                new Wasm2WatCommand(),
                new WastCommand(),
                new CacheCommand(),
                new VersionCommand());
    }

    /** @param args as {@link HostText} */
    int run(String[] args) {
        return streams.finish(choose(args));
    }

    private int choose(String[] args) {
        String first = args.length == 0 ? "--help" : args[0];
        if (first.equals("help") && args.length == 2) {
            return choose(new String[] {args[1], "--help"});
        }
        if (first.equals("--help") || first.equals("-h") || first.equals("help")) {
            help(streams.out());
            return args.length == 0 ? ExitStatus.USAGE : ExitStatus.OK;
        }
        String name = first.equals("--version") ? "version" : first;
        for (Subcommand subcommand : subcommands()) {
            if (subcommand.name().equals(name)) {
                return run(subcommand, Arrays.copyOfRange(args, 1, args.length));
            }
        }
        streams.say("there is no subcommand \"" + HostText.shown(first) + "\"; sallyport --help lists them");
        return ExitStatus.USAGE;
    }

    private int run(Subcommand subcommand, String[] args) {
        Line line;
        try {
            line = understand(subcommand, args);
        } catch (UsageException e) {
            streams.err().println("sallyport " + subcommand.name() + ": " + e.getMessage()); // is printable
            streams.err().println("sallyport " + subcommand.name() + " --help shows what it takes");
            return ExitStatus.USAGE;
        }
        if (line == null) {
            return ExitStatus.OK;
        }
        try {
            return subcommand.execute(line, streams);
        } catch (Throwable e) { // also errors: one line is better than a stack trace
            return Failures.report(e, streams, line.has(Subcommand.STACK_TRACE));
        }
    }

    /** The line, or null if help was asked for and shown. */
    private @Nullable Line understand(Subcommand subcommand, String[] args) {
        Syntax syntax = subcommand.syntax();
        Line line = syntax.parse(args);
        if (line != null) {
            return line;
        }
        Picocli library = new Picocli(subcommand.name(), subcommand.summary(), syntax);
        line = library.parse(args);
        if (Picocli.asksForHelp(line)) {
            library.help(streams.out());
            return null;
        }
        return line;
    }

    private static void help(PrintStream out) {
        out.println("Sallyport runs WebAssembly.");
        out.println();
        out.println("Usage: sallyport SUBCOMMAND [OPTIONS] …");
        out.println();
        for (Subcommand subcommand : subcommands()) {
            out.printf("  %-10s %s%n", subcommand.name(), subcommand.summary());
        }
        out.println();
        out.println("demo shows plugins in an OSGi framework, host starts one with a shell; both come with the launcher.");
        out.println("sallyport SUBCOMMAND --help shows what a subcommand takes.");
        out.println("Exit status: the guest's; 1 failure, 2 wrong usage, 123 out of fuel, 124 timeout,");
        out.println("134 trap or uncaught exception, 141 nobody reads the output, 70 internal error.");
    }
}
