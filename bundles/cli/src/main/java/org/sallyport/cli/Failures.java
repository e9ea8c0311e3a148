package org.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.sallyport.GuestException;
import org.sallyport.GuestExitException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.NoBackEndException;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.TrapException;
import org.sallyport.WasmException;

/** From what went wrong to one message and an exit status. */
final class Failures {
    private Failures() {}

    /** @param stackTrace whether to show Java's stack trace as well */
    static int report(Throwable failure, Streams streams, boolean stackTrace) {
        if (failure instanceof GuestExitException exit) {
            return exit.status();
        }
        int status = explain(failure, streams);
        if (stackTrace) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            for (String line : trace.toString().split("\n")) {
                streams.err().println(line.startsWith("\t") ? "\t" + HostText.shown(line.substring(1)) : HostText.shown(line));
            }
        }
        return status;
    }

    private static int explain(Throwable failure, Streams streams) {
        switch (failure) {
            case TrapException trap -> {
                streams.say(Wording.ofCommandLine("trap: " + trap.getMessage()));
                frames(trap, streams);
                return ExitStatus.TRAP;
            }
            case OutOfFuelException out -> {
                streams.say(Wording.ofCommandLine("fuel: " + out.getMessage()));
                frames(out, streams);
                return ExitStatus.FUEL;
            }
            case WasmException uncaught -> {
                streams.say("uncaught " + uncaught.getMessage());
                frames(uncaught, streams);
                return ExitStatus.TRAP;
            }
            case GuestInterruptedException stopped -> {
                streams.say(String.valueOf(stopped.getMessage()));
                frames(stopped, streams);
                return ExitStatus.TIMEOUT;
            }
            case HostFunctionException host -> {
                streams.say(String.valueOf(host.getMessage()));
                frames(host, streams);
                return ExitStatus.FAILURE;
            }
            case UsageException usage -> {
                streams.say(String.valueOf(usage.getMessage()));
                return ExitStatus.USAGE;
            }
            case SallyportException _, FailureException _, NoBackEndException _ -> {
                streams.say(Wording.ofCommandLine(String.valueOf(failure.getMessage())));
                return ExitStatus.FAILURE;
            }
            case UncheckedIOException e -> {
                streams.say(String.valueOf(e.getMessage()));
                return ExitStatus.FAILURE;
            }
            case IOException e -> {
                streams.say(reason(e));
                return ExitStatus.FAILURE;
            }
            case OutOfMemoryError e -> {
                streams.say("out of memory: " + e.getMessage() + "; give more with SALLYPORT_JVM_ARGS=-Xmx…");
                return ExitStatus.FAILURE;
            }
            default -> {
                streams.say("internal error: " + failure + " (--stacktrace shows where)");
                return ExitStatus.INTERNAL;
            }
        }
    }

    /** Each frame a line; a stretch of the same functions over and over, as of a recursion, once with a count. */
    static void frames(GuestException failure, Streams streams) {
        PrintStream err = streams.err();
        Paint paint = streams.errPaint();
        for (String line : Backtrace.folded(failure.frames())) {
            err.println(paint.faint("  " + line));
        }
        if (failure.frames().size() == GuestException.MAX_FRAMES) {
            err.println("  …");
        }
    }

    /** {@code app.wasm: no such file}. */
    static String reason(IOException e) {
        return e instanceof FileSystemException f
                ? HostText.shown(String.valueOf(f.getFile())) + ": " + reason(f)
                : String.valueOf(e.getMessage());
    }

    private static String reason(FileSystemException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "exists already";
            case NotDirectoryException _ -> "is no directory";
            case DirectoryNotEmptyException _ -> "is a directory that is not empty";
            case FileSystemLoopException _ -> "is a directory that contains itself";
            default -> e.getReason() == null ? "cannot be used (" + e.getClass().getSimpleName() + ")" : reason(e.getReason());
        };
    }

    /** What the system says, in our words where its own mean another part of the path. */
    private static String reason(String ofSystem) {
        return ofSystem.equals("Not a directory") ? "a part of the path before the last is no directory" : ofSystem;
    }

    /** What failed with a file or stream, which the exception may not name. */
    static FailureException named(String name, IOException e) {
        return new FailureException(
                HostText.shown(name) + ": " + (e instanceof FileSystemException f ? reason(f) : e.getMessage()), e);
    }
}
