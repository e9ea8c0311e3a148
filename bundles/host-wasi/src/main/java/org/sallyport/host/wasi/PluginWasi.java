package org.sallyport.host.wasi;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.sallyport.Store;
import org.sallyport.host.PluginIdentity;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiClock;
import org.sallyport.wasi.WasiProcess;

/** What one plugin gets of WASI under its present grants: the same for all its instances, but what each has of its own. */
final class PluginWasi {
    /** What it may not have is answered with {@code ENOTSUP}. */
    private static final WasiClock NO_CLOCK = new WasiClock() {
        @Override
        public long realtimeNanos() {
            throw new UnsupportedOperationException("no clock is granted");
        }

        @Override
        public long monotonicNanos() {
            return realtimeNanos();
        }

        @Override
        public long resolutionNanos() {
            return realtimeNanos();
        }

        @Override
        public void sleep(long nanos) {
            realtimeNanos();
        }
    };

    private static final RandomGenerator NO_RANDOM = () -> {
        throw new UnsupportedOperationException("no random numbers are granted");
    };

    private final String plugin;
    private final WasiGrant grant;
    private final List<Places.Place> places;
    private final LineRate rate;

    /** @throws IllegalArgumentException if the plugin's grants make no sense on this host */
    PluginWasi(PluginIdentity identity, Places host) {
        plugin = identity.id();
        grant = WasiGrant.of(identity.attributes());
        List<Places.Place> found = new ArrayList<>();
        for (WasiGrant.Directory directory : grant.directories()) {
            found.add(host.of(directory.host(), plugin));
        }
        places = List.copyOf(found);
        rate = new LineRate(grant.lines(), System::nanoTime);
        var _ = configured(); // names that a guest cannot have are refused now
    }

    /** Closed with the store. */
    private static final class Own implements Closeable {
        private final Deque<Closeable> resources = new ArrayDeque<>();

        @Override
        public void close() throws IOException {
            while (!resources.isEmpty()) {
                resources.pop().close();
            }
        }
    }

    private Wasi configured() {
        Wasi wasi = Wasi.defaults().withArgs(plugin).withPlainOutput(true);
        for (var variable : grant.env().entrySet()) {
            wasi = wasi.withEnv(variable.getKey(), variable.getValue());
        }
        wasi = grant.clock() ? wasi : wasi.withClock(NO_CLOCK);
        return grant.random() ? wasi : wasi.withRandom(NO_RANDOM);
    }

    /** For one instance, with directories of its own where there are such. */
    private Wasi forStore(Store store) {
        Own own = new Own();
        Wasi wasi = configured();
        try {
            for (int i = 0; i < places.size(); i++) {
                WasiGrant.Directory directory = grant.directories().get(i);
                wasi = wasi.withPreopen(new Preopen(
                        places.get(i).open(own.resources::push),
                        directory.guest(),
                        directory.writable() ? Preopen.Access.READ_WRITE : Preopen.Access.READ_ONLY));
            }
        } catch (IOException e) {
            throw new IllegalStateException("a directory of plugin " + plugin + " cannot be had: " + e.getMessage(), e);
        }
        store.attach(Own.class, own);
        CommandStreams command = store.attachment(CommandStreams.class);
        if (command != null) {
            return command.into(wasi);
        }
        return grant.log() ? wasi.withStdout(lines(own)).withStderr(lines(own)) : wasi;
    }

    private OutputStream lines(Own own) {
        LogLines lines = new LogLines(plugin, rate);
        own.resources.push(lines);
        return lines;
    }

    /** The instance's process, if it has none yet. */
    void attachTo(Store store) {
        if (store.attachment(WasiProcess.class) == null) {
            var _ = forStore(store).attachTo(store);
        }
    }
}
