package org.sallyport.wasm;

/**
 * An addition to WebAssembly 1.0 that a module can need: one that this runtime knows ({@link Feature}), or one of which it
 * knows no more than the signs ({@link ForeignProposal}).
 */
public sealed interface Proposal permits Feature, ForeignProposal {
    /** A short name, such as {@code wide-arithmetic}. */
    String text();

    /** The next step for who has a module that needs it and cannot have it. */
    String remedy();
}
