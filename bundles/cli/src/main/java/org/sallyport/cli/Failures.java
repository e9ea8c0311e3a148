package org.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.sallyport.GuestException;
import org.sallyport.GuestExitException;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.SallyportException;
import org.sallyport.TrapException;

/** From what went wrong to one message and an exit status. */
final class Failures {
    private static final String PREFIX = "sallyport: ";

    private Failures() {}

    /** @param stackTrace whether to show Java's stack trace as well */
    static int report(Throwable failure, PrintStream err, boolean stackTrace) {
        if (failure instanceof GuestExitException exit) {
            return exit.status();
        }
        int status = explain(failure, err);
        if (stackTrace) {
            failure.printStackTrace(err);
        }
        return status;
    }

    private static int explain(Throwable failure, PrintStream err) {
        switch (failure) {
            case TrapException trap -> {
                err.println(PREFIX + Wording.ofCommandLine("trap: " + trap.getMessage()));
                frames(trap, err);
                return ExitStatus.TRAP;
            }
            case GuestInterruptedException stopped -> {
                err.println(PREFIX + stopped.getMessage());
                return ExitStatus.TIMEOUT;
            }
            case HostFunctionException host -> {
                err.println(PREFIX + host.getMessage());
                frames(host, err);
                return ExitStatus.FAILURE;
            }
            case UsageException usage -> {
                err.println(PREFIX + usage.getMessage());
                return ExitStatus.USAGE;
            }
            case SallyportException _, FailureException _ -> {
                err.println(PREFIX + Wording.ofCommandLine(String.valueOf(failure.getMessage())));
                return ExitStatus.FAILURE;
            }
            case UncheckedIOException e -> {
                err.println(PREFIX + e.getMessage());
                return ExitStatus.FAILURE;
            }
            case IOException e -> {
                err.println(PREFIX + reason(e));
                return ExitStatus.FAILURE;
            }
            case OutOfMemoryError e -> {
                err.println(PREFIX + "out of memory: " + e.getMessage() + "; give more with SALLYPORT_JVM_ARGS=-Xmx…");
                return ExitStatus.FAILURE;
            }
            default -> {
                err.println(PREFIX + "internal error: " + failure + " (--stacktrace shows where)");
                return ExitStatus.INTERNAL;
            }
        }
    }

    private static void frames(GuestException failure, PrintStream err) {
        for (GuestFrame frame : failure.frames()) {
            err.println("  at " + frame);
        }
        if (failure.frames().size() == GuestException.MAX_FRAMES) {
            err.println("  …");
        }
    }

    /** {@code app.wasm: no such file}. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException f -> f.getFile() + ": no such file";
            case AccessDeniedException f -> f.getFile() + ": permission denied";
            case FileAlreadyExistsException f -> f.getFile() + ": exists already";
            case FileSystemException f -> f.getFile() + ": " + f.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
