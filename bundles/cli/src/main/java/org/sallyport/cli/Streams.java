package org.sallyport.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.sallyport.wasi.Wasi;

/** Where the command reads and writes; tests put their own in. */
abstract class Streams {
    private final PrintStream out;
    private final PrintStream err;

    Streams(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** For results. */
    final PrintStream out() {
        return out;
    }

    /** For messages. */
    final PrintStream err() {
        return err;
    }

    /** Standard input. */
    abstract InputStream in();

    /** Gives the guest the standard streams. */
    abstract Wasi give(Wasi wasi);

    /** Those of this process. */
    static Streams ofProcess() {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new Streams(out, err) {
            @Override
            InputStream in() {
                return new FileInputStream(FileDescriptor.in);
            }

            @Override
            Wasi give(Wasi wasi) {
                return wasi.withStandardStreams(Terminal::is);
            }
        };
    }

    static Streams of(InputStream in, OutputStream out, OutputStream err) {
        return new Streams(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8)) {
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
