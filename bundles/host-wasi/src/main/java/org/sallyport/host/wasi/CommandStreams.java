package org.sallyport.host.wasi;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.sallyport.wasi.Wasi;

/** What a caller gives a command and takes of it; attached to the store of the instance that it runs in. */
final class CommandStreams {
    private static final long MOST_BYTES = 16 << 20;

    private final List<String> args;
    private final byte[] input;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    /** @param args the first is the program's name */
    CommandStreams(List<String> args, byte[] input) {
        this.args = args;
        this.input = input;
    }

    /** The same, with these instead of what the grant has for them. */
    Wasi into(Wasi granted) {
        return granted.withArgs(args)
                .withStdin(new ByteArrayInputStream(input))
                .withStdout(output)
                .withStderr(errors)
                .withPlainOutput(false)
                .withMaxOutputBytes(MOST_BYTES);
    }

    WasiCommand.Result result(int status) {
        return new WasiCommand.Result(status, output.toByteArray(), errors.toByteArray());
    }
}
