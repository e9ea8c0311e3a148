package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.CodeStore;

/** A store of compiled code in a map, which can be tampered with and made to fail. */
final class MapStore implements CodeStore {
    final Map<String, byte[]> entries = new ConcurrentHashMap<>();
    /** Thrown by everything, if not null. */
    @Nullable Exception failure;

    private void fail() throws IOException {
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> { }
        }
    }

    @Override
    public byte @Nullable [] read(String name) throws IOException {
        fail();
        return entries.get(name);
    }

    @Override
    public void write(String name, byte[] entry) throws IOException {
        fail();
        entries.put(name, entry);
    }

    @Override
    public void remove(String name) throws IOException {
        fail();
        entries.remove(name);
    }

    /** The name of the only entry. */
    String name() {
        assertThat(entries).hasSize(1);
        return entries.keySet().iterator().next();
    }

    /** The only entry. */
    byte[] entry() {
        return entries.get(name());
    }
}
