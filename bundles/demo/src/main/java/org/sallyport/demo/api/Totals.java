package org.sallyport.demo.api;

/** Sums a list in the guest's memory. */
public interface Totals {
    int total(int start);
}
