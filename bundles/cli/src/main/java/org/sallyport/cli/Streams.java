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

    private final Paint outPaint;
    private final Paint errPaint;

    /** @param outPaint colours of what goes to {@code out}; {@code errPaint} of messages */
    Streams(OutputStream out, Paint outPaint, OutputStream err, Paint errPaint) {
        this.outPaint = outPaint;
        this.errPaint = errPaint;
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

    /** How results are coloured. */
    final Paint outPaint() {
        return outPaint;
    }

    /** How messages are coloured; it is on only where somebody watches. */
    final Paint errPaint() {
        return errPaint;
    }

    /** A message, made printable, on the error stream. */
    final void say(String message) {
        err.println(errPaint.error("sallyport:") + " " + HostText.message(message));
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
        return new Streams(HostStream.output(1), paint(1), HostStream.output(2), paint(2)) {
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

    private static Paint paint(int descriptor) {
        return Paint.on(Terminal.is(descriptor), System.getenv("NO_COLOR"), System.getenv("TERM"));
    }

    /** None of them is a terminal. */
    static Streams of(InputStream in, OutputStream out, OutputStream err) {
        Paint plain = new Paint(false);
        return new Streams(out, plain, err, plain) {
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
