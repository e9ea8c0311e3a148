package org.sallyport.host.core;

/**
 * What all bindings of a generation look at before each host call. Withdrawing it is one store to a field: nothing that
 * can fail, wait or take long stands between an operator's decision and its effect, however many imports there are.
 */
final class Permit {
    private volatile boolean withdrawn;

    /** From the next host call on, every call is refused, for good. */
    void withdraw() {
        withdrawn = true;
    }

    boolean isWithdrawn() {
        return withdrawn;
    }
}
