package org.sallyport.spi;

import java.util.Set;
import org.sallyport.wasm.Feature;

/**
 * Turns validated modules into something that can be instantiated and called. There are two kinds, which the engine runs in
 * ways of their own: {@link CodeGenerator}, whose code is the machine's, and {@link ObjectBackEnd}, whose code is Java's. To
 * embedders both are the same {@link org.sallyport.Engine}.
 *
 * <p>A back end is a service of this type. An engine takes, of those that are {@linkplain #isUsable usable}, one of the
 * highest {@linkplain #preference preference}; among equals the one that comes first, which for services is the one that the
 * framework ranks highest. Thread-safe.
 */
public sealed interface BackEnd permits CodeGenerator, ObjectBackEnd {
    /** Of a back end that runs everywhere. */
    int PORTABLE = 0;
    /** Of a back end for this machine. */
    int NATIVE = 100;

    /** Name of the target, such as {@code x86_64-linux}. */
    String target();

    /**
     * Identifies code that differs: compiler version and CPU features in use, readable. Part of cache keys and
     * artefacts.
     */
    String fingerprint();

    /**
     * The proposals that the back end compiles whole. Of others it may compile some; what it does not is refused with {@link
     * org.sallyport.UnsupportedFeatureException}. For messages and tools.
     */
    Set<Feature> features();

    /** Whether this process can run what the back end makes. */
    boolean isUsable();

    /** The higher, the rather this one is taken. */
    int preference();
}
