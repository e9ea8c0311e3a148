package org.sallyport.itests.felix.api;

/** Host module {@code gate}. */
public interface Gate {
    int pass(int ticket);
}
