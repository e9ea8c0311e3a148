package org.sallyport;

/**
 * Looks again and again where the guests of an engine are ({@link Engine#startProfiler}), until it is closed. Guests run on as
 * they would; each look costs one of them about two microseconds. Thread-safe.
 */
public interface Profiler extends AutoCloseable {
    /** Looks at guests of which nothing could be said, because their module was closed meanwhile. */
    long lost();

    /** Returns when the last sample has been handed out. Guests go on. */
    @Override
    void close();
}
