package org.sallyport.spi;

/** What guests whose code is Java's look at to learn that somebody wants them to stop. */
public final class StopSign {
    /** Whether they must call {@link ObjectParts#checkpoint} soon. Only the runtime sets it. */
    public volatile boolean raised;
}
