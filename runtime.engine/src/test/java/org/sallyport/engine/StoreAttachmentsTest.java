package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.Engine;
import org.sallyport.Store;

class StoreAttachmentsTest {
    private interface Files extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    private interface Broken extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    @Test
    void whatIsAttachedAndCloseableIsClosedWithTheStore() {
        List<String> closed = new ArrayList<>();
        try (Engine engine = Engine.create()) {
            Store store = engine.newStore();
            store.attach(String.class, "not closeable");
            store.attach(Broken.class, () -> {
                closed.add("broken");
                throw new IllegalStateException("expected by the test");
            });
            store.attach(Files.class, () -> closed.add("replaced"));
            store.attach(Files.class, () -> closed.add("files"));
            assertThat(store.attachment(String.class)).isEqualTo("not closeable");
            assertThat(closed).isEmpty();
            store.close();
            assertThat(closed).containsExactlyInAnyOrder("broken", "files");
            store.close();
            assertThat(closed).hasSize(2);
        }
    }

    @Test
    void whatWasTakenAwayIsNotClosed() {
        List<String> closed = new ArrayList<>();
        try (Engine engine = Engine.create()) {
            Store store = engine.newStore();
            store.attach(Files.class, () -> closed.add("files"));
            store.attach(Files.class, null);
            store.close();
        }
        assertThat(closed).isEmpty();
    }
}
