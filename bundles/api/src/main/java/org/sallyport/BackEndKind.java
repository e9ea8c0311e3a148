package org.sallyport;

/** What runs the guests of an engine ({@link Config#withBackEnd}). */
public enum BackEndKind {
    /** Machine code where that can run, else what runs everywhere. */
    AUTOMATIC,
    /** Machine code. Where that cannot run, because of the machine or because Java forbids native access, there is no engine. */
    NATIVE,
    /** Java's own code and objects, on any JVM, without native access. */
    PORTABLE
}
