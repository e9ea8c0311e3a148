package org.sallyport.demo.api;

/** Looks for a number that never comes down to 1. */
public interface Collatz {
    int search(int from);
}
