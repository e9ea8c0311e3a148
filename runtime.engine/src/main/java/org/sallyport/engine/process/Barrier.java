package org.sallyport.engine.process;

import org.sallyport.engine.threads.SpinLock;

/**
 * What makes the two sides of a request to stop see each other ({@code Stoppable}): one writes a word and reads another, the
 * other does it the other way round, and each runs a barrier in between. Where {@linkplain #isOneSided it is enough that the
 * requester does}, calls pay nothing.
 */
public interface Barrier {
    void run();

    /** The same without allocating anything. */
    void runForWatchdog();

    /** Whether calls need no fence of their own. */
    boolean isOneSided();

    /** Makes all that the calling thread, a watchdog, needs to stop others: nothing is missing when memory has run out. */
    void prepareWatchdog();

    /** Makes what is needed to stop a call. Before a {@link SpinLock} is taken: it may take milliseconds the first time. */
    void prepareStops();
}
