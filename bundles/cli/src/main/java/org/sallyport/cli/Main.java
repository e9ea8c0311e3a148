package org.sallyport.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    static List<Subcommand> subcommands() {
        return List.of(
                new RunCommand(),
                new CompileCommand(),
                new ValidateCommand(),
                new InspectCommand(),
                new Wat2WasmCommand(),
                new Wasm2WatCommand(),
                new WastCommand(),
                new CacheCommand(),
                new ObjdumpCommand(),
                new ExploreCommand(),
                new CompletionCommand(),
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
            help(streams.out(), streams.outPaint());
            return args.length == 0 ? ExitStatus.USAGE : ExitStatus.OK;
        }
        String name = first.equals("--version") || first.equals("-V") ? "version" : first;
        for (Subcommand subcommand : subcommands()) {
            if (subcommand.name().equals(name)) {
                return run(subcommand, Arrays.copyOfRange(args, 1, args.length));
            }
        }
        if (isOptionOrFile(first)) {
            return run(new RunCommand(), args);
        }
        streams.say("there is no subcommand \"" + HostText.shown(first) + "\"" + nearest(first)
                + ", nor a file of that name; sallyport --help lists the subcommands");
        return ExitStatus.USAGE;
    }

    /** Whether a line that begins so is for {@code run}, which need not be said. */
    private static boolean isOptionOrFile(String first) {
        if (first.startsWith("-") || first.indexOf('.') >= 0 || first.indexOf('/') >= 0) {
            return true;
        }
        try {
            return Files.exists(HostPath.of(first));
        } catch (FailureException e) {
            return false;
        }
    }

    private static String nearest(String word) {
        return subcommands().stream()
                .map(Subcommand::name)
                .filter(name -> Spelling.areNear(name, word))
                .findFirst()
                .map(name -> " (did you mean " + name + "?)")
                .orElse("");
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
            return subcommand.execute(applied(line, subcommand), streams);
        } catch (Throwable e) { // also errors: one line is better than a stack trace
            int status = Failures.report(e, streams, line.has(Subcommand.STACK_TRACE));
            if (e instanceof UsageException || e instanceof FailureException) {
                sayMisplaced(line, subcommand);
            }
            return status;
        }
    }

    private static Line applied(Line line, Subcommand subcommand) {
        if (!line.has(ConfigFile.OPTION)) {
            return line;
        }
        Map<String, Syntax> all = new LinkedHashMap<>();
        subcommands().forEach(one -> all.put(one.name(), one.syntax()));
        return ConfigFile.applied(line, subcommand.name(), subcommand.syntax(), all);
    }

    /** What stands behind the file is the guest's, even if it looks like an option of ours; which may be why it failed. */
    private void sayMisplaced(Line line, Subcommand subcommand) {
        Syntax syntax = subcommand.syntax();
        if (!syntax.hasGuestArguments() || line.parameters().isEmpty()) {
            return;
        }
        for (String arg : line.rest()) {
            int equals = arg.indexOf('=');
            if (syntax.option(equals < 0 ? arg : arg.substring(0, equals)) != null) {
                streams.say(HostText.shown(arg) + " stands behind FILE, so the guest got it; options of sallyport "
                        + subcommand.name() + " go before FILE");
                return;
            }
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
            library.help(streams.out(), streams.outPaint());
            return null;
        }
        return line;
    }

    private static void help(PrintStream out, Paint paint) {
        out.println("Sallyport runs WebAssembly.");
        out.println();
        out.println(paint.strong("Usage:") + " sallyport SUBCOMMAND [OPTIONS] …");
        out.println("       sallyport [OPTIONS] FILE [ARGS…]   is sallyport run");
        out.println();
        for (Subcommand subcommand : subcommands()) {
            String gap = " ".repeat(11 - subcommand.name().length());
            out.println("  " + paint.strong(subcommand.name()) + gap + subcommand.summary());
        }
        out.println();
        out.println("demo shows plugins in an OSGi framework, host starts one with a shell; both come with the launcher.");
        out.println("sallyport SUBCOMMAND --help shows what a subcommand takes.");
        List<String> meanings = ExitStatus.MEANINGS;
        out.println("Exit status: the guest's; " + String.join(", ", meanings.subList(1, 5)) + ",");
        out.println(String.join(", ", meanings.subList(5, meanings.size())) + ".");
    }
}
