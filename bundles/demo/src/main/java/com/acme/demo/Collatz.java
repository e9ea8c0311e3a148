package com.acme.demo;

/** Looks for a number that never comes down to 1. */
public interface Collatz {
    int search(int from);
}
