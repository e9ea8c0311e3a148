package com.acme.demo;

/** Sums a list in the guest's memory. */
public interface Totals {
    int total(int start);
}
