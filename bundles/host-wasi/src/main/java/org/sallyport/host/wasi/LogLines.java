package org.sallyport.host.wasi;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.sallyport.wasm.Printable;

/** An output stream of one instance whose lines go to the log, with the plugin's name. One that does not end is cut. */
final class LogLines extends OutputStream {
    static final int LONGEST = 4_096;
    private static final System.Logger LOG = System.getLogger("org.sallyport.host.wasi");

    private final String plugin;
    private final LineRate rate;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LogLines(String plugin, LineRate rate) {
        this.plugin = plugin;
        this.rate = rate;
    }

    @Override
    public synchronized void write(int b) {
        if (b == '\n') {
            end();
        } else {
            line.write(b);
            if (line.size() == LONGEST) {
                end();
            }
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            write(bytes[i]);
        }
    }

    private void end() {
        long dropped = rate.take();
        if (dropped >= 0) {
            String text = Printable.text(line.toString(StandardCharsets.UTF_8), LONGEST);
            String before = dropped == 0 ? "" : "(" + dropped + " lines left out) ";
            LOG.log(System.Logger.Level.INFO, () -> "plugin " + plugin + ": " + before + text);
        }
        line.reset();
    }

    /** What has no end of line yet. */
    @Override
    public synchronized void close() {
        if (line.size() > 0) {
            end();
        }
    }
}
