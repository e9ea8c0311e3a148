package org.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.sallyport.wasi.Wasi;

/** Where the command reads and writes; tests put their own in. */
abstract class Streams {
    private final Recorded recordedOut;
    private final Recorded recordedErr;
    private final PrintStream out;
    private final PrintStream err;

    Streams(OutputStream out, OutputStream err) {
        recordedOut = new Recorded(out);
        recordedErr = new Recorded(err);
        this.out = new PrintStream(recordedOut, false, StandardCharsets.UTF_8);
        this.err = new PrintStream(recordedErr, true, StandardCharsets.UTF_8);
    }

    /** For results. */
    final PrintStream out() {
        return out;
    }

    /** For messages. */
    final PrintStream err() {
        return err;
    }

    /** A message, made printable, on the error stream. */
    final void say(String message) {
        err.println("sallyport: " + HostText.message(message));
    }

    /** Whether anybody gets the results still: what takes long looks at it between two of them. */
    final boolean isListening() {
        out.flush();
        return recordedOut.failure() == null;
    }

    /**
     * Writes what is still to be written.
     *
     * @param status what the command would end with
     * @return the same, or if it says that all is well, and results or messages could not be written, another
     */
    final int finish(int status) {
        out.flush();
        IOException failure = recordedOut.failure();
        if (failure != null && !recordedOut.isAbandoned()) {
            say("standard output: " + failure.getMessage());
        }
        err.flush();
        if (status != ExitStatus.OK) {
            return status;
        }
        if (failure != null) {
            return recordedOut.isAbandoned() ? ExitStatus.ABANDONED : ExitStatus.FAILURE;
        }
        return recordedErr.failure() == null ? ExitStatus.OK : ExitStatus.FAILURE;
    }

    /** Standard input. */
    abstract InputStream in();

    /** Gives the guest the standard streams. */
    abstract Wasi give(Wasi wasi);

    /** Those of this process. */
    static Streams ofProcess() {
        InputStream in = HostStream.input();
        return new Streams(HostStream.output(1), HostStream.output(2)) {
            @Override
            InputStream in() {
                return in;
            }

            @Override
            Wasi give(Wasi wasi) {
                return wasi.withStandardStreams(Terminal::is);
            }
        };
    }

    static Streams of(InputStream in, OutputStream out, OutputStream err) {
        return new Streams(out, err) {
            @Override
            InputStream in() {
                return in;
            }

            @Override
            Wasi give(Wasi wasi) {
                return wasi.withStdin(in).withStdout(out).withStderr(err);
            }
        };
    }
}
