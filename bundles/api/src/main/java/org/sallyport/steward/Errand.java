package org.sallyport.steward;

import java.lang.System.Logger.Level;

import org.jspecify.annotations.Nullable;

/**
 * A thread for code that is not the {@link Steward}'s, which may take long and leave something behind in the thread:
 * giving back in the ordinary way, or the log.
 */
final class Errand extends Thread {
    private static final String NAME = "sallyport-errand";

    private final @Nullable Runnable heir;
    private final @Nullable String warning;

    /** @param heir runs if there is one; else the warning is logged */
    Errand(@Nullable Runnable heir, @Nullable String warning) {
        super(Steward.rootGroup(), null, NAME, 0, false);
        this.heir = heir;
        this.warning = warning;
        setDaemon(true);
        setContextClassLoader(ClassLoader.getSystemClassLoader());
    }

    @Override
    public void run() {
        try {
            if (heir != null) {
                heir.run();
            } else {
                System.getLogger("org.sallyport.Engine").log(Level.WARNING, warning);
            }
        } catch (Throwable t) {
            // nobody is left to tell
        }
    }
}
