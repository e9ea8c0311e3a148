package org.sallyport.itests.servers.app;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;
import org.sallyport.cdi.HostModule;

/** Counts what plugins tell the till. */
@HostModule("till")
@ApplicationScoped
public class Notes implements Till {
    private final AtomicLong count = new AtomicLong();

    @Override
    public void note(int cents) {
        count.incrementAndGet();
    }

    public long count() {
        return count.get();
    }
}
