package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Engine;

/** A store that nobody puts anything into costs little: hosts open one for each request. */
class EmptyStoreTest {
    private static final int STORES = 200;
    private static final int MOST_BYTES = 16 << 10;

    @Test
    void takesLittleOfTheJavaHeap() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Engine engine = Engine.create(Config.defaults())) {
            open(engine); // whatever is made once
            long before = threads.getCurrentThreadAllocatedBytes();
            open(engine);
            assertThat((threads.getCurrentThreadAllocatedBytes() - before) / STORES).isLessThan(MOST_BYTES);
        }
    }

    private static void open(Engine engine) {
        for (int i = 0; i < STORES; i++) {
            engine.newStore().close();
        }
    }
}
